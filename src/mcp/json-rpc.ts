/** The id of a request. */
export type JsonRpcId = string | number

/** One message of JSON-RPC 2.0, as MCP uses it. */
export type JsonRpcMessage = JsonRpcRequest | JsonRpcNotification | JsonRpcResult | JsonRpcFailure

/** Wants an answer. */
export interface JsonRpcRequest {
  readonly jsonrpc: '2.0'
  readonly id: JsonRpcId
  readonly method: string
  readonly params?: Readonly<Record<string, unknown>> | undefined
}

/** Wants none. */
export interface JsonRpcNotification {
  readonly jsonrpc: '2.0'
  readonly method: string
  readonly params?: Readonly<Record<string, unknown>> | undefined
}

/** An answer. */
export interface JsonRpcResult {
  readonly jsonrpc: '2.0'
  readonly id: JsonRpcId
  readonly result: unknown
}

/** An answer that says what went wrong. */
export interface JsonRpcFailure {
  readonly jsonrpc: '2.0'
  /** `undefined`: the other side could not tell whose it is. */
  readonly id?: JsonRpcId | undefined
  readonly error: {
    readonly code: number
    readonly message: string
    readonly data?: unknown
  }
}
