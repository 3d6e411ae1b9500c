import { createServer } from 'node:http'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** A page with a program of this repository, on an origin of its own. */
export interface TestPage {
  readonly origin: string
}

/** What the page comes with. */
export interface PageOptions {
  /** Asked for at each request. */
  readonly headers?: () => Readonly<Record<string, string>>
  /** HTML for the head, before the program; asked for at each request. */
  readonly head?: () => string
}

/**
 * Serves a TypeScript program of this repository as a page, from before the first test of a file until
 * after the last. What it loads on first use are files of their own, as an application's bundler makes
 * them.
 *
 * | path | what is there |
 * |---|---|
 * | `/framed` | the page in a frame without an origin, as a sandbox makes it |
 * | any other | the page |
 *
 * @param entry from the root of the repository
 */
export function servePage(entry: string, options: PageOptions = {}): TestPage {
  const served = { origin: '' }
  const server = createServer()

  beforeAll(async () => {
    const files = await bundle(entry)
    server.on('request', (request, response) => {
      const { pathname } = new URL(request.url ?? '/', 'http://page')
      const script = files.get(pathname)
      const text = script ?? (pathname === '/framed' ? framed : htmlWith(options.head?.() ?? ''))
      response.writeHead(200, {
        'content-type': script === undefined ? 'text/html' : 'text/javascript',
        // A frame without an origin is of another one than its own script.
        'access-control-allow-origin': '*',
        'cache-control': 'no-store',
        ...options.headers?.(),
      })
      response.end(text)
    })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('The page has no port.')
    served.origin = `http://127.0.0.1:${address.port}`
  })

  afterAll(
    () =>
      new Promise<void>((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  )
  return served
}

const htmlWith = (head: string) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>A page</title>${head}
<script type="module" src="/page.js"></script>`

const framed = `<!doctype html><meta charset="utf-8"><title>A page with a frame</title>
<script>addEventListener('message', ({ data }) => { globalThis.said = data })</script>
<iframe sandbox="allow-scripts" src="/frame"></iframe>`

async function bundle(entry: string): Promise<ReadonlyMap<string, string>> {
  const { outputFiles } = await build({
    entryPoints: { page: resolve(root, entry) },
    outdir: '/',
    write: false,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    logLevel: 'error',
  })
  return new Map(outputFiles.map(({ path, text }) => [path, text]))
}
