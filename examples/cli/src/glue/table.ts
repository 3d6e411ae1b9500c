import { paint } from './output.js'

const gap = '  '

/**
 * Rows as a person reads them on a terminal, with a head and within its width; elsewhere one row a line,
 * with tabs between the cells and no head, for `cut` and `awk`.
 */
export async function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): Promise<string> {
  const { oneLine } = await import('@lanonasis/auth-client')
  const cells = rows.map((row) => row.map(oneLine))
  if (!process.stdout.isTTY) return cells.map((row) => row.join('\t')).join('\n')
  const { bold } = paint(process.stdout)
  const { default: widthOf } = await import('string-width')
  const widths = head.map((name, column) =>
    cells.reduce((widest, row) => Math.max(widest, widthOf(row[column] ?? '')), name.length),
  )
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - widthOf(cell))))
      .join(gap)
  const cut = (text: string) =>
    shorten(text.trimEnd(), { columns: process.stdout.columns, widthOf })
  return [bold(cut(line(head))), ...cells.map((row) => cut(line(row)))].join('\n')
}

/** Facts under each other; what is not known is left out. */
export async function facts(
  entries: readonly (readonly [name: string, value: string | undefined])[],
): Promise<string> {
  const { oneLine } = await import('@lanonasis/auth-client')
  const known = entries.flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  )
  const width = Math.max(...known.map(([name]) => name.length))
  return known.map(([name, value]) => `${name.padEnd(width)}${gap}${oneLine(value)}`).join('\n')
}

interface Space {
  readonly columns: number | undefined
  readonly widthOf: (text: string) => number
}

/** Between what a person takes for characters: of `한`, an accent or a family of emoji, half is not one. */
function shorten(text: string, { columns, widthOf }: Space): string {
  if (!columns || widthOf(text) <= columns) return text
  let kept = ''
  // The last column is that of the ellipsis.
  let left = columns - 1
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    left -= widthOf(segment)
    if (left < 0) break
    kept += segment
  }
  return `${kept}…`
}
