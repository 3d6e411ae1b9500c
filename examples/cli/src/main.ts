#!/usr/bin/env node
import { reportFailure } from './glue/failure.js'
import { forgiveClosedOutput } from './glue/output.js'
import { createProgram } from './program.js'

forgiveClosedOutput()
const program = createProgram()
try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = await reportFailure(error, { json: program.opts().json === true })
}
