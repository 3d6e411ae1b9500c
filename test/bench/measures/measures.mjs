import { memory } from './memory.mjs'
import { request } from './request.mjs'
import { sse } from './sse.mjs'
import { sseFromMemory } from './sse-from-memory.mjs'
import { token } from './token.mjs'
import { ws } from './ws.mjs'

/** Everything that can be measured, in the order in which it is shown. */
export const measures = [sse, sseFromMemory, ws, memory, token, request]
