import { beforeAll, describe, expect, it } from 'vitest'
import { copyOf } from '../copies.ts'
import { openWorkbench, patience, remember } from './editor.ts'
import { forWebOnly } from './variants.ts'

beforeAll(() => copyOf('vscode'))

describe('the web entry, in a real web extension host', { timeout: 600_000 }, () => {
  it('starts in a worker, signs in with a code, shows memories, and signs out at the services', async (context) => {
    const bench = await openWorkbench(context, {
      host: 'web',
      extension: await forWebOnly(),
    })
    const { platform, page, status, tree } = bench
    await remember(platform, 'Seen from a worker')
    // There is a worker, and nothing of Node.js could be had in it.
    expect(
      page
        .workers()
        .map((worker) => worker.url())
        .join(),
    ).toMatch(/extensionHostWorker|blob:/)
    await expect.poll(() => status.textContent(), patience).toContain('Lanonasis: Sign In')
    await bench.signIn()
    await bench.says('API key')
    await expect.poll(() => tree.textContent(), patience).toContain('Seen from a worker')
    const fromPage = platform.requests.filter(({ headers }) => headers.origin !== undefined)
    expect(fromPage.map(({ path }) => path).join()).toContain('/oauth/device')
    await bench.run('Sign Out')
    await bench.says('signed out')
    await expect.poll(() => platform.apiKeys.map(({ active }) => active), patience).toContain(false)
  })
})
