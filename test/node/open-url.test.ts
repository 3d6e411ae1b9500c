import { chmod, readdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { openCommands } from '../../src/node/open-browser.ts'
import { openUrl } from '../../src/node/open-url.ts'
import { deferred, failure } from '../support/async.ts'
import { temporaryDirectory } from '../support/directories.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

/** Programs that tell us what they were started with, and nothing else on the PATH. */
async function fakePrograms(...names: string[]) {
  const directory = await temporaryDirectory()
  const started = deferred<{ name: string; args: string[]; cwd: string[] }>()
  const calls: string[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { name, args } = JSON.parse(Buffer.concat(chunks).toString('utf8'))
    calls.push(name)
    response.end()
    started.resolve({ name, args, cwd: await readdir(directory) })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const report = `fetch('http://127.0.0.1:${port}', { method: 'POST', body: JSON.stringify({ name: require('node:path').basename(process.argv[1]), args: process.argv.slice(2) }) })`
  for (const name of names) {
    const file = join(directory, name)
    await writeFile(file, `#!${process.execPath}\n${report}\n`)
    await chmod(file, 0o755)
  }
  vi.stubEnv('PATH', directory)
  return { started: started.promise, calls, directory }
}

describe('the command that opens a page', () => {
  const url = 'https://auth.lanonasis.com/oauth/authorize?a=1&b=2'

  const windows = ['url.dll,FileProtocolHandler', url]

  it.each([
    ['linux', { file: 'xdg-open', args: [url] }],
    ['freebsd', { file: 'xdg-open', args: [url] }],
    ['darwin', { file: 'open', args: [url] }],
    ['win32', { file: 'rundll32', args: windows }],
  ] as const)('on %s is a program with the address as one argument', (platform, command) => {
    expect(openCommands(url, { platform, env: {} })).toEqual([command])
  })

  it('is named by its full path on Windows, where the working directory may hold another of its name', () => {
    const env = { SystemRoot: 'D:\\System' }
    const [command] = openCommands(url, { platform: 'win32', env })
    expect(command?.file).toBe('D:\\System\\System32\\rundll32.exe')
  })

  it('is that of Windows on WSL, wherever Windows is mounted, and that of Linux without it', () => {
    expect(openCommands(url, { platform: 'linux', wsl: true })).toEqual([
      { file: '/mnt/c/Windows/System32/rundll32.exe', args: windows },
      { file: 'rundll32.exe', args: windows },
      { file: 'wslview', args: [url] },
      { file: 'xdg-open', args: [url] },
    ])
  })

  it.each([{ platform: 'win32' }, { platform: 'linux', wsl: true }] as const)(
    'is no command of a shell on %o, which would read & as its own',
    (opener) => {
      for (const { file } of openCommands(url, opener)) {
        expect(file).not.toMatch(/cmd|start|powershell|explorer|\bsh\b/i)
      }
    },
  )
})

describe.skipIf(process.platform === 'win32')('opening a page', () => {
  it.each([
    ['linux', 'xdg-open', 0],
    ['darwin', 'open', 0],
    ['win32', 'rundll32', 1],
  ] as const)('starts the opener of %s', async (platform, name, position) => {
    const { started } = await fakePrograms(name)
    await openUrl('https://auth.lanonasis.com/oauth/authorize?a=1&b=2', { platform })
    const { args } = await started
    expect(args).toHaveLength(position + 1)
    expect(args[position]).toBe('https://auth.lanonasis.com/oauth/authorize?a=1&b=2')
  })

  it.each([
    ['separators', 'https://auth.lanonasis.com/?a=1&b=2;c|d>e<f', 'a=1&b=2;c|d%3Ee%3Cf'],
    ['a substitution', 'https://auth.lanonasis.com/?$(touch pwned)', '$(touch%20pwned)'],
    ['back quotes', 'https://auth.lanonasis.com/?`touch pwned`', '`touch%20pwned`'],
    ['spaces', 'https://auth.lanonasis.com/?a b --version', 'a%20b%20--version'],
    ['quotes', `https://auth.lanonasis.com/?"'`, '%22%27'],
    ['a variable', 'https://auth.lanonasis.com/?$HOME%PATH%', '$HOME%PATH%'],
    ['lines', 'https://auth.lanonasis.com/?a\nb', 'ab'],
  ])('gives %s to no shell', async (_name, url, query) => {
    const { started } = await fakePrograms('xdg-open', 'touch')
    await openUrl(url, { platform: 'linux' })
    const { name, args, cwd } = await started
    expect(name).toBe('xdg-open')
    expect(args).toEqual([`https://auth.lanonasis.com/?${query}`])
    expect(cwd).not.toContain('pwned')
  })

  it.each(['http://127.0.0.1:8080/a', 'http://localhost:8080/a', 'http://[::1]:8080/a'])(
    'opens %s: it is this machine',
    async (url) => {
      const { started } = await fakePrograms('xdg-open')
      await openUrl(url, { platform: 'linux' })
      expect((await started).args).toEqual([url])
    },
  )

  it.each([
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:text/html,hello',
    'vscode://lanonasis.mcp-client/callback',
    'ms-settings:',
    'wss://mcp.lanonasis.com/ws',
    'http://auth.lanonasis.com/',
    'http://127.0.0.1.evil.example/',
    'http://10.0.0.1/',
    '--version',
    '/usr/bin/true',
    'C:\\Windows\\System32\\calc.exe',
    '',
  ])('refuses %s', async (url) => {
    const { calls } = await fakePrograms('xdg-open')
    const error = await failure(openUrl(url, { platform: 'linux' }))
    expect(error).toMatchObject({ name: 'AuthError', code: 'config_invalid' })
    expect(calls).toEqual([])
  })

  it('takes the next program on WSL where one is missing, and not where one has failed', async () => {
    const { started, directory } = await fakePrograms('wslview', 'xdg-open')
    await openUrl('https://auth.lanonasis.com/', { platform: 'linux', wsl: true })
    expect((await started).name).toBe('wslview')
    await writeFile(join(directory, 'rundll32.exe'), '#!/bin/false\n')
    await chmod(join(directory, 'rundll32.exe'), 0o755)
    expect(
      await failure(openUrl('https://auth.lanonasis.com/', { platform: 'linux', wsl: true })),
    ).toMatchObject({ code: 'config_invalid', hint: expect.stringContaining('by hand') })
  })

  it('says what to do when there is no program that opens pages', async () => {
    await fakePrograms()
    const error = await failure(openUrl('https://auth.lanonasis.com/', { platform: 'linux' }))
    expect(error).toMatchObject({
      name: 'AuthError',
      code: 'config_invalid',
      message: expect.stringContaining('xdg-open'),
      hint: expect.stringContaining('by hand'),
    })
  })
})
