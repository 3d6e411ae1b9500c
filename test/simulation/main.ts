/**
 * Runs a simulation as a program of its own: bundled, so that what the engine loads on first use
 * comes in a fixed order too. It takes its options as JSON, and prints its report as JSON.
 */
import process from 'node:process'
import { type SimulationOptions, simulate } from './simulate.ts'

const options: SimulationOptions = JSON.parse(process.argv[2] ?? '{}')
const { windows, ...report } = await simulate(options)
console.log(JSON.stringify({ ...report, windows: Object.fromEntries(windows) }))
