import { serviceNames } from '../endpoints/presets.ts'
import { oneLine } from '../text/one-line.ts'
import type { Finding, FindingStatus, Report } from './report.ts'

const defaultWidth = 100
const narrowest = 40

const words: Readonly<Record<FindingStatus, string>> = {
  ok: 'ok',
  warning: 'WARNING',
  failure: 'FAILURE',
  skipped: '-',
}

/** A report as a table, in plain text without colors. */
export function formatTable(
  { ok, findings, deployment, startedAt, durationMs }: Report,
  width = defaultWidth,
): string {
  const { name, clientId, profile, endpoints } = deployment
  const rows = findings.map(rowOf)
  const columns = [0, 1].map((index) =>
    Math.max(0, ...rows.map(({ cells }) => cells[index]?.length ?? 0)),
  )
  const indent = columns.reduce((sum, each) => sum + each + 2, 0)
  const text = Math.max(narrowest, width) - indent
  const lines = rows.flatMap(({ cells: [status = '', check = ''], texts }) => {
    const head = `${status.padEnd(columns[0] ?? 0)}  ${check.padEnd(columns[1] ?? 0)}  `
    const wrapped = texts.flatMap((each) => wrap(each, text))
    return wrapped.map((line, index) => `${index === 0 ? head : ' '.repeat(indent)}${line}`)
  })
  return [
    `${name}: ${clientId}, profile ${profile}, ${new Date(startedAt).toISOString()}`,
    ...serviceNames.map((service) => `  ${service.padEnd(11)}  ${endpoints[service].url}`),
    '',
    ...lines.map((line) => line.trimEnd()),
    '',
    `${ok ? 'All is well' : 'Something is wrong'}: ${count(findings)}, in ${durationMs} ms`,
  ].join('\n')
}

function rowOf({ check, status, what, expected, hint, latencyMs }: Finding) {
  const time = latencyMs === undefined ? '' : ` (${latencyMs} ms)`
  const isGood = status === 'ok' || status === 'skipped'
  const texts = [
    `${what}${time}`,
    ...(expected === undefined || isGood ? [] : [`expected: ${expected}`]),
    ...(hint === undefined ? [] : [`→ ${hint}`]),
  ]
  return {
    cells: [words[status], check],
    // A finding may name what a service announces.
    texts: texts.map(oneLine),
  }
}

function count(findings: readonly Finding[]): string {
  const of = (status: FindingStatus) =>
    findings.filter((finding) => finding.status === status).length
  const plural = (number: number, word: string) => `${number} ${word}${number === 1 ? '' : 's'}`
  return [
    `${of('ok')} ok`,
    plural(of('warning'), 'warning'),
    plural(of('failure'), 'failure'),
    `${of('skipped')} skipped`,
  ].join(', ')
}

/** By words; one that is too long for a line has a line of its own. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}
