/** The id of a request. */
export type JsonRpcId = string | number

/** One message of JSON-RPC 2.0, as MCP uses it. */
export type JsonRpcMessage = JsonRpcRequest | JsonRpcNotification | JsonRpcResult | JsonRpcFailure

/** Wants an answer. */
export interface JsonRpcRequest {
  readonly jsonrpc: '2.0'
  /** The answer carries the same. */
  readonly id: JsonRpcId
  /** What is asked for, for example `tools/call`. */
  readonly method: string
  readonly params?: Readonly<Record<string, unknown>> | undefined
}

/** Wants none. */
export interface JsonRpcNotification {
  readonly jsonrpc: '2.0'
  /** What it tells of, for example `notifications/tools/list_changed`. */
  readonly method: string
  readonly params?: Readonly<Record<string, unknown>> | undefined
}

/** An answer. */
export interface JsonRpcResult {
  readonly jsonrpc: '2.0'
  /** That of the request. */
  readonly id: JsonRpcId
  /** What the method gives. */
  readonly result: unknown
}

/** An answer that says what went wrong. */
export interface JsonRpcFailure {
  readonly jsonrpc: '2.0'
  /** `undefined`: the other side could not tell whose it is. */
  readonly id?: JsonRpcId | undefined
  readonly error: {
    /** Below -32000 those of JSON-RPC, for example -32602 for wrong parameters. */
    readonly code: number
    /** One sentence, in the words of the other side. */
    readonly message: string
    /** Whatever came with it. */
    readonly data?: unknown
  }
}
