/**
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows the first column stands left, numbers right
 */
export function printTable(head, rows) {
  const lines = [head, ...rows]
  const widths = head.map((_, column) =>
    Math.max(...lines.map((row) => (row[column] ?? '').length)),
  )
  for (const row of lines) {
    const cells = widths.map((width, column) => {
      const cell = row[column] ?? ''
      return column === 0 ? cell.padEnd(width) : cell.padStart(width)
    })
    console.log(cells.join('  ').trimEnd())
  }
}
