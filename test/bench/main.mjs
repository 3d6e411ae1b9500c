/**
 * `npm run bench`: how fast, and how large in memory, the built package is, beside what it stands on and
 * what else there is. Nothing here passes or fails by a time; it fails when something does not work.
 *
 *   npm run bench                          everything
 *   npm run bench -- --only sse,memory     some measures
 *   npm run bench -- --rounds 15           more than 7 rounds
 *   npm run bench -- --scale 0.01          less work in each
 *   npm run bench -- --json                one JSON object
 */
import { parseArgs } from 'node:util'
import { printTable } from '../tools/table.mjs'
import { describeMachine } from './machine.mjs'
import { measures } from './measures/measures.mjs'
import { installPeers } from './peers.mjs'
import { startServer } from './serve.mjs'
import { interleave, median, ratioTo } from './statistics.mjs'

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean' },
    only: { type: 'string' },
    rounds: { type: 'string', default: '7' },
    scale: { type: 'string', default: '1' },
  },
})
const [rounds, scale] = [Number(flags.rounds), Number(flags.scale)]
if (!(rounds >= 1) || !(scale > 0)) refuse('--rounds and --scale are positive numbers.')
const asked = flags.only?.split(',') ?? measures.map(({ name }) => name)
const unknown = asked.filter((name) => !measures.some((measure) => measure.name === name))
if (unknown.length > 0) {
  const known = measures.map(({ name }) => name).join(', ')
  refuse(`There is no measure ${unknown.join(', ')}, only: ${known}`)
}

const versions = await installPeers()
const machine = await describeMachine()
const server = await startServer()
/** @type {import('./types.ts').MeasureResult[]} */
const results = []
try {
  if (!flags.json) introduce()
  for (const measure of measures.filter(({ name }) => asked.includes(name))) {
    const result = await take(measure)
    results.push(result)
    if (!flags.json) show(result)
  }
} finally {
  await server.close()
}
if (flags.json) console.log(JSON.stringify({ machine, versions, rounds, scale, measures: results }))

/**
 * @param {import('./types.ts').Measure} measure
 * @returns {Promise<import('./types.ts').MeasureResult>}
 */
async function take({ name, title, unit, better, prepare }) {
  const { contenders, close } = await prepare({ origin: server.origin, scale })
  try {
    const values = await interleave(
      contenders.map((contender) => () => contender.run()),
      rounds,
    )
    const base = values[0] ?? []
    return {
      name,
      title,
      unit,
      better,
      contenders: contenders.map((contender, index) => ({
        name: contender.name,
        median: median(values[index] ?? []),
        ratio: ratioTo(base, values[index] ?? []),
        rounds: values[index] ?? [],
      })),
    }
  } finally {
    await close()
  }
}

function introduce() {
  const { processor, processors, memoryGB, system, node } = machine
  console.log(`${processors} × ${processor}, ${memoryGB} GB, ${system}, Node.js ${node}`)
  const named = Object.entries({ '@lanonasis/auth-client': machine.package, ...versions })
  console.log(named.map(([name, version]) => `${name} ${version}`).join(', '))
  console.log(`Medians of ${rounds} rounds; "×" is the median ratio to the first line.`)
}

/** @param {import('./types.ts').MeasureResult} result */
function show({ name, title, unit, better, contenders }) {
  console.log(`\n${name}: ${title} (${better} is better)`)
  const round = (/** @type {number} */ value) => Math.round(value).toLocaleString('en')
  printTable(
    ['', unit, '×', 'from', 'to'],
    contenders.map(({ name, median, ratio, rounds }) => [
      name,
      round(median),
      ratio.toFixed(2),
      round(Math.min(...rounds)),
      round(Math.max(...rounds)),
    ]),
  )
}

/**
 * @param {string} message
 * @returns {never}
 */
function refuse(message) {
  console.error(message)
  process.exit(2)
}
