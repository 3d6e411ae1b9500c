import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Outcome, Script } from './run.ts'
import type { SimulationOptions } from './simulate.ts'

const run = promisify(execFile)

/** What `main.ts` prints. */
export interface PrintedReport {
  readonly runs: number
  readonly seconds: number
  readonly steps: number
  readonly windows: Readonly<Record<string, number>>
  readonly failure?: {
    readonly script: Script
    readonly outcome: Pick<Outcome, 'violations' | 'trace'>
    readonly path?: string
  }
}

/** Runs a simulation in a process of its own. */
export async function simulateIn(
  program: string,
  options: SimulationOptions,
): Promise<PrintedReport> {
  const args = [program, JSON.stringify(options)]
  const { stdout } = await run(process.execPath, args, { maxBuffer: 64 * 1024 * 1024 })
  return JSON.parse(stdout)
}

/** How to see what went wrong, and how to see it again. */
export function explain({ failure }: PrintedReport, { rotation, seed }: SimulationOptions): string {
  if (failure === undefined) return ''
  const { script, outcome, path } = failure
  const again = JSON.stringify({ rotation, runs: 1, seed, path })
  return [
    ...outcome.violations.map(({ message }) => message),
    ...outcome.trace,
    `The script: ${JSON.stringify(script)}`,
    `Again: the same seed with this path: ${again}`,
  ].join('\n')
}
