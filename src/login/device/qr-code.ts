/** The quiet zone around the code, in modules. Four are the standard; two are what scanners need. */
const border = 2

/**
 * An address as a QR code: lines of half blocks, two rows of modules in each. The light modules are
 * drawn, so that it is right on a dark terminal; scanners read the inverse on a light one as well.
 *
 * Only https: a phone does not reach this machine's loopback.
 */
export async function qrCodeOf(url: string | undefined): Promise<string | undefined> {
  if (url === undefined || !url.startsWith('https:')) return undefined
  const { renderUnicodeCompact } = await import('uqr')
  return renderUnicodeCompact(url, { ecc: 'L', border })
}
