// Runs in Node.js, Bun and Deno, in a project that has the package.
import * as library from '@lanonasis/auth-client'
import { exercise } from './portable.mjs'

console.log(JSON.stringify(await exercise(library, JSON.parse(process.argv[2] ?? ''))))
