import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { type IncomingMessage, type RequestOptions, request } from 'node:http'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { decide, enterPassword } from '../../e2e/browser/redirect/dashboard.ts'
import { closeBrowsersAfterwards, newProfile } from '../../support/browsers.ts'
import { root } from '../../tools/paths.mjs'
import { startExample } from '../start-example.ts'
import { buildBeforehand, click, untilText, visit } from './visit.ts'

closeBrowsersAfterwards()
buildBeforehand()

it('is built, served and tried with one command, and ends with Ctrl-C', {
  timeout: 240_000,
}, async (context) => {
  const example = await startExample('dashboard', 'start')
  const profile = await newProfile('chromium', context)
  const tab = await profile.open(example.url)
  await click(tab, 'Continue with Lanonasis')
  await enterPassword(tab, { users: [example] })
  await decide(tab)
  await untilText(tab, 'Live')
  await untilText(tab, 'No keys yet')
  expect(await example.interrupt()).not.toBe(1)
  await expect(fetch(example.url)).rejects.toThrow()
})

it('sends its policy with every answer', async (context) => {
  const { origin } = await visit({ browser: 'chromium' }, context)
  for (const path of ['/', '/auth/callback', '/config.js', '/icon.svg', '/nothing.js']) {
    const { headers, status } = await fetch(`${origin}${path}`)
    expect(status).toBe(path === '/nothing.js' ? 404 : 200)
    const policy = headers.get('content-security-policy') ?? ''
    expect(policy).toMatch(
      /^default-src 'self'; connect-src 'self'( http:\/\/127\.0\.0\.1:\d+){2}; /,
    )
    expect(policy).toContain("form-action 'none'")
    expect(policy).not.toMatch(/unsafe|\*/)
  }
})

it('is kept up by no request that a browser would not send', async (context) => {
  const { origin, violations } = await visit({ browser: 'chromium' }, context)
  const { hostname, port } = new URL(origin)
  expect(await statusOf({ hostname, port, path: '//' })).toBe(200)
  expect(await statusOf({ hostname, port, path: '/%' })).toBe(200)
  const report = { hostname, port, path: '/violations', method: 'POST' }
  expect(await statusOf(report, 'x'.repeat(20_000))).toBe(413)
  expect(await statusOf(report, 'x'.repeat(10_000))).toBe(204)
  expect(violations).toEqual(['x'.repeat(10_000)])
})

/** A request as it is, which `fetch` would put right. */
async function statusOf(options: RequestOptions, body = ''): Promise<number | undefined> {
  const sent = request(options).end(body)
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  response.resume()
  return response.statusCode
}

it('says where things are that are there', async () => {
  const folder = join(root, 'examples/dashboard')
  const readme = await readFile(join(folder, 'README.md'), 'utf8')
  const paths = [...readme.matchAll(/`(src\/[\w./-]+)`/g)].map(([, path = '']) => path)
  expect(paths.length).toBeGreaterThan(5)
  for (const path of paths) await readFile(join(folder, path), 'utf8')
})
