// Runs in Node.js, Bun and Deno, in a project that has the package: program.mjs <order>
import * as library from '@lanonasis/auth-client'
import * as node from '@lanonasis/auth-client/node'
import { runCases } from '../portable/suite.mjs'
import { onNode } from './on-node.mjs'

const order = JSON.parse(process.argv[2] ?? '')
console.log(JSON.stringify(await runCases(onNode(library, node, order), order)))
