/** The cookies of a request by name; of two with one name the first counts (RFC 6265 §5.4). */
export function parseCookies(header: string | null): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>()
  for (const pair of header?.split(';') ?? []) {
    const separator = pair.indexOf('=')
    if (separator < 1) continue
    const name = pair.slice(0, separator).trim()
    if (!cookies.has(name)) cookies.set(name, pair.slice(separator + 1).trim())
  }
  return cookies
}

/** A `Set-Cookie` value for the session of a person in a browser. */
export function sessionCookie(options: {
  readonly name: string
  readonly value: string
  readonly maxAgeSeconds: number
  readonly secure: boolean
}): string {
  const { name, value, maxAgeSeconds, secure } = options
  const attributes = ['Path=/', `Max-Age=${maxAgeSeconds}`, 'HttpOnly', 'SameSite=Lax']
  if (secure) attributes.push('Secure')
  return [`${name}=${value}`, ...attributes].join('; ')
}
