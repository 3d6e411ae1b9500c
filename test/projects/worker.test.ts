import { expect, it, onTestFinished } from 'vitest'
import { servePlatform } from '../../src/testing-node.ts'
import { freshProject } from './fresh-project.ts'
import { bundled, versionsOf } from './scaffolds.ts'
import { serve } from './serve.ts'

/** As wrangler does: https://developers.cloudflare.com/workers/wrangler/bundling/ */
const bundle = [
  'esbuild src/worker.ts --bundle --format=esm --target=es2024 --outfile=dist/worker.mjs',
  '--conditions=workerd,worker,browser --external:node:* --external:cloudflare:*',
].join(' ')

const start = `import { Miniflare } from 'miniflare'
const worker = new Miniflare({
  host: '127.0.0.1',
  port: 0,
  modules: [{ type: 'ESModule', path: 'dist/worker.mjs' }],
  compatibilityDate: '2026-04-01',
  bindings: JSON.parse(process.env.BINDINGS),
})
console.log(String(await worker.ready))
`

it('a new Worker answers a webhook, and remembers what it was sent', async () => {
  const platform = await servePlatform({ limits: false })
  onTestFinished(() => platform.close())
  const { key } = await platform.createApiKey()
  const project = await freshProject('my-worker', {
    manifest: {
      type: 'module',
      scripts: { build: `tsc && ${bundle}`, start: 'node start.mjs' },
      devDependencies: versionsOf('esbuild', 'miniflare', 'typescript'),
    },
    files: {
      'start.mjs': start,
      'tsconfig.json': {
        compilerOptions: { ...bundled, lib: ['ES2023', 'WebWorker'], types: [] },
        include: ['src'],
      },
    },
  })
  const send = async (apiKey: string) => {
    const bindings = { ...platform.env, LANONASIS_API_KEY: apiKey }
    const origin = await serve(project, { BINDINGS: JSON.stringify(bindings) })
    const answer = await fetch(origin, { method: 'POST', body: 'The deployment is done.' })
    return { status: answer.status, body: await answer.json() }
  }

  expect(await send(key)).toEqual({ status: 201, body: { id: expect.any(String) } })
  expect(platform.memories.map(({ content }) => content)).toEqual(['The deployment is done.'])

  const refused = await send('pk_of.sk_nobody0123456789')
  expect(refused).toMatchObject({ status: 502, body: { code: 'api_key_rejected' } })
})
