import type { Report } from './report.ts'

/**
 * Writes a report of `client.doctor()` as a table: what was found, what was expected, and what to do. Plain
 * text without colors, with lines of at most `width` characters (default 100). A program with `--json` prints
 * the report itself instead.
 *
 * @example
 * ```ts
 * import { formatReport } from '@lanonasis/auth-client'
 * import { createClient } from '@lanonasis/auth-client/node'
 *
 * const client = createClient({ environment: 'staging' })
 * const report = await client.doctor()
 * console.log(await formatReport(report, { width: process.stdout.columns }))
 * process.exitCode = report.ok ? 0 : 1
 * ```
 */
export async function formatReport(
  report: Report,
  { width }: { readonly width?: number | undefined } = {},
): Promise<string> {
  // Most programs never need it.
  const { formatTable } = await import('./format.ts')
  return formatTable(report, width)
}
