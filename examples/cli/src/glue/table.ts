import { paint } from './output.js'
import { oneLine } from './text.js'

const gap = '  '

/**
 * Rows as a person reads them on a terminal, with a head and within its width; elsewhere one row a line,
 * with tabs between the cells and no head, for `cut` and `awk`.
 */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map(oneLine))
  if (!process.stdout.isTTY) return cells.map((row) => row.join('\t')).join('\n')
  const { bold } = paint(process.stdout)
  const widths = head.map((name, column) =>
    Math.max(name.length, ...cells.map((row) => row[column]?.length ?? 0)),
  )
  const line = (row: readonly string[]) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(gap)
  const cut = (text: string) => shorten(text.trimEnd(), process.stdout.columns)
  return [bold(cut(line(head))), ...cells.map((row) => cut(line(row)))].join('\n')
}

/** Facts under each other; what is not known is left out. */
export function facts(entries: readonly (readonly [name: string, value: string | undefined])[]) {
  const known = entries.flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  )
  const width = Math.max(...known.map(([name]) => name.length))
  return known.map(([name, value]) => `${name.padEnd(width)}${gap}${oneLine(value)}`).join('\n')
}

function shorten(text: string, width: number | undefined): string {
  return width && text.length > width ? `${text.slice(0, width - 1)}…` : text
}
