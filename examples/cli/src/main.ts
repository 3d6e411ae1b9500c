#!/usr/bin/env node
import { reportFailure } from './glue/failure.js'
import { forgiveClosedOutput } from './glue/output.js'
import { createProgram } from './program.js'

forgiveClosedOutput()
const program = createProgram()
try {
  await program.parseAsync()
} catch (error) {
  // A wrong option before it, and it has not been read.
  const json = program.opts().json === true || process.argv.includes('--json')
  process.exitCode = await reportFailure(error, { json })
}
