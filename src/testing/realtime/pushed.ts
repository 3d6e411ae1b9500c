/** What MCP Core says of itself, before it is put into the words of a connection. */
export type Pushed =
  /** A notification in JSON-RPC; with an `id` a request to the client. */
  | {
      readonly method: string
      readonly params?: Readonly<Record<string, unknown>>
      readonly id?: string | number
    }
  /** An event, such as `memory.created`; only streams have them. */
  | { readonly event: string; readonly data: unknown }
