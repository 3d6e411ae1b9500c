import { readdir, readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { extname, join, sep } from 'node:path'

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
}

/** In characters. */
const longestReport = 16_384

/** What the page is told of its surroundings. */
export interface PageConfig {
  readonly clientId: string
  /** Where the services are: `AUTH_GATEWAY_URL`, … */
  readonly env: Readonly<Record<string, string>>
}

export interface PageHost {
  readonly config: PageConfig
  /** Told what a browser has kept the page from doing, as it reports it. */
  readonly onViolation: (report: string) => void
}

/** Serves the built page as a static host does, with its policy and its `/config.js`. */
export async function servePage(
  folder: string,
  { config, onViolation }: PageHost,
): Promise<{ readonly origin: string; readonly server: Server }> {
  const files = new Map<string, Buffer>()
  for (const name of await readdir(folder, { recursive: true })) {
    if (extname(name) === '') continue
    files.set(`/${name.split(sep).join('/')}`, await readFile(join(folder, name)))
  }

  const server = createServer((request, response) => {
    // The address as it was sent: `//` is a path here, and no URL.
    const [pathname = '/'] = (request.url ?? '/').split('?', 1)
    if (request.method === 'POST') {
      takeReport(request, response, onViolation)
      return
    }
    // Each address that is no file is the page: the person comes back to /auth/callback.
    const path = extname(pathname) === '' ? '/index.html' : pathname
    const content =
      path === '/config.js' ? `globalThis.dashboard = ${JSON.stringify(config)}` : files.get(path)
    const isKeptLong = path.startsWith('/assets/')
    response.writeHead(content === undefined ? 404 : 200, {
      'content-type': types[extname(path)] ?? 'application/octet-stream',
      'content-security-policy': contentSecurityPolicy(config.env),
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cache-control': isKeptLong ? 'public, max-age=31536000, immutable' : 'no-cache',
    })
    response.end(content)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The page has no port.')
  return { origin: `http://127.0.0.1:${address.port}`, server }
}

/** Anybody can send one: what is longer than a browser's ends the connection. */
async function takeReport(
  request: IncomingMessage,
  response: ServerResponse,
  onViolation: PageHost['onViolation'],
): Promise<void> {
  let report = ''
  try {
    for await (const text of request.setEncoding('utf8')) {
      report += text
      if (report.length <= longestReport) continue
      response.writeHead(413, { connection: 'close' }).end()
      return
    }
  } catch {
    return // It was cut off.
  }
  onViolation(report)
  response.writeHead(204).end()
}

/** Nothing inline, no eval, no text that becomes script, no form that leads anywhere; requests to the services alone. */
function contentSecurityPolicy(env: PageConfig['env']): string {
  const services = [env.AUTH_GATEWAY_URL, env.MCP_HTTP_URL, env.MCP_SSE_URL]
  const origins = services.filter((url) => url !== undefined).map((url) => new URL(url).origin)
  return [
    "default-src 'self'",
    `connect-src 'self' ${[...new Set(origins)].join(' ')}`,
    "form-action 'none'",
    "base-uri 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
    'report-uri /violations',
  ].join('; ')
}
