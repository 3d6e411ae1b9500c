import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { packageName, readEntries } from '../tools/package.mjs'

/** A page with the package's own files, as they come out of the box: no bundler. */
export interface ServedPage extends AsyncDisposable {
  readonly origin: string
}

/** Serves a page that has a function `exercise(order)`. */
export async function servePage(folder: string): Promise<ServedPage> {
  const entries = Object.entries(await readEntries()).map(([name, file]) => [
    name,
    `/node_modules/${packageName}/${file.import}`,
  ])
  const html = `<!doctype html>
    <script type="importmap">${JSON.stringify({ imports: Object.fromEntries(entries) })}</script>
    <script>
      globalThis.exercise = async (order) => (await import('/programs/page.mjs')).run(order)
    </script>`
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://page')
    if (pathname === '/') {
      response.setHeader('content-type', 'text/html').end(html)
      return
    }
    const file = await readFile(join(folder, pathname)).catch(() => undefined)
    response.statusCode = file === undefined ? 404 : 200
    response.setHeader('content-type', 'text/javascript').end(file)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The page has no port.')
  return {
    origin: `http://127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
