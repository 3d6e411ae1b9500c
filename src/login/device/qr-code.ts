/** The quiet zone around the code, in modules. Four are the standard; two are what scanners need. */
const border = 2
/** What is longer makes a code wider than a terminal of 80 columns; much longer, and there is none at all. */
const longestUrl = 458

/**
 * An address as a QR code: lines of half blocks, two rows of modules in each. The light modules are
 * drawn, so that it is right on a dark terminal; scanners read the inverse on a light one as well.
 *
 * Only https, for a phone does not reach this machine's loopback; and only what fits the width of a terminal.
 */
export async function qrCodeOf(url: string | undefined): Promise<string | undefined> {
  if (url === undefined || !url.startsWith('https:') || url.length > longestUrl) return undefined
  const { renderUnicodeCompact } = await import('uqr')
  return renderUnicodeCompact(url, { ecc: 'L', border })
}
