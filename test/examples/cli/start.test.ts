import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { temporaryDirectory } from '../../support/directories.ts'
import { librariesIn } from '../../tools/libraries.mjs'
import { type Machine, machine } from './machine.ts'

/** Notes the address of each module before Node.js reads it. */
const hook = `
  import { appendFileSync } from 'node:fs'
  export const load = (url, context, next) => {
    appendFileSync(process.env.LOADED, url + '\\n')
    return next(url, context)
  }`
const register = `
  import { register } from 'node:module'
  register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hook)}))`

/** The files that a command really reads, whatever it prints. */
async function filesOf({ run }: Machine, line: string): Promise<readonly string[]> {
  const list = join(await temporaryDirectory(), 'loaded')
  const data = `data:text/javascript,${encodeURIComponent(register)}`
  const env = { LOADED: list, NODE_OPTIONS: `--import=${data}` }
  const { stderr } = await run(line, { env })
  expect(stderr).toBe('')
  const urls = (await readFile(list, 'utf8')).split('\n')
  return urls.filter((url) => url.startsWith('file:')).map((url) => fileURLToPath(url))
}

const ofTheLibrary = (path: string) => path.includes('/@lanonasis/')
const ofTheTerminal = (path: string) => /@clack|yocto|string-width/.test(path)

it.each([
  '--help',
  '--version',
  'auth --help',
  'auth login --help',
  'memory create --help',
  'doctor --help',
])('%s reads nothing of the library', async (line) => {
  const files = await filesOf(await machine(), line)
  expect(files.some((path) => path.endsWith('/src/main.js'))).toBe(true)
  expect(files.filter((path) => ofTheLibrary(path) || ofTheTerminal(path))).toEqual([])
})

it('auth status reads the store, and neither zod, ky, ws nor what speaks OAuth', async () => {
  const here = await machine()
  await here.signedIn()
  const files = await filesOf(here, 'auth status')
  expect(files.filter(ofTheLibrary)).not.toEqual([])
  expect(await librariesIn(files)).toEqual([])
  expect(files.filter(ofTheTerminal)).toEqual([])
  expect(here.platform.requests).toEqual([])
})

it('memory stats does read them, so that this test would see them', async () => {
  const here = await machine()
  await here.signedIn()
  expect(await librariesIn(await filesOf(here, 'memory stats'))).toEqual(
    expect.arrayContaining(['zod', 'ky']),
  )
})
