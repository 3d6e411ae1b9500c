import { readdir, readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { extname, join, sep } from 'node:path'
import { text } from 'node:stream/consumers'

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
}

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

  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://page')
    if (request.method === 'POST') {
      onViolation(await text(request))
      response.writeHead(204).end()
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

/** Nothing inline, no eval, no form that leads anywhere; requests to the services and to nobody else. */
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
    'report-uri /violations',
  ].join('; ')
}
