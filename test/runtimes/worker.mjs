// Runs in workerd, which resolves no package names: the entry's file instead.
// @ts-expect-error: the path is one of the project that this is copied to
import * as library from './node_modules/@lanonasis/auth-client/dist/index.js'
import { exercise } from './portable.mjs'

export default {
  /** @param {Request} request */
  async fetch(request) {
    return Response.json(await exercise(library, await request.json()))
  },
}
