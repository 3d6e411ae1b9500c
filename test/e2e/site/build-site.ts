import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import type { JSONOutput } from 'typedoc'
import { afterAll, beforeAll } from 'vitest'
import { tool } from '../../tools/paths.mjs'
import { runOrThrow } from '../../tools/process.mjs'

/** The site as `npm run docs` builds it, in a folder of its own, and served. */
export interface BuiltSite {
  readonly folder: string
  /** What it was made of. */
  readonly project: JSONOutput.ProjectReflection
  readonly origin: string
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
}

/** Builds and serves it from before the first test of a file until after the last. */
export function buildSite(): () => BuiltSite {
  let site: BuiltSite | undefined
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://site')
    const path = decodeURIComponent(pathname.endsWith('/') ? `${pathname}index.html` : pathname)
    try {
      const content = await readFile(join(site?.folder ?? '', path))
      response.writeHead(200, { 'content-type': types[extname(path)] ?? 'text/plain' }).end(content)
    } catch {
      response.writeHead(404).end()
    }
  })

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lanonasis-site-'))
    const json = join(folder, 'project.json')
    await runOrThrow(tool('typedoc'), ['--out', folder, '--json', json])
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('The site has no port.')
    const project = JSON.parse(await readFile(json, 'utf8'))
    site = { folder, project, origin: `http://127.0.0.1:${address.port}` }
  }, 600_000)

  afterAll(async () => {
    server.close()
    server.closeAllConnections()
    if (site !== undefined) await rm(site.folder, { recursive: true })
  })

  return () => {
    if (site === undefined) throw new Error('The site was not built.')
    return site
  }
}
