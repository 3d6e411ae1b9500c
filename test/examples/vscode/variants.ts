import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryDirectory } from '../../support/directories.ts'
import { runOrThrow } from '../../tools/process.mjs'
import { copyOf } from '../copies.ts'

/** What the editor of a page says of itself instead, so that the extension takes it for one on a desktop. */
export interface Desktop {
  readonly uriScheme: string
  readonly appName: string
}

/**
 * The packed extension with nothing changed in its bundle, started by a few lines that answer three questions as an
 * editor on a desktop does: its scheme, its kind, and how it is reached from outside.
 *
 * @returns the path of the package
 */
export function asOnDesktop({ uriScheme, appName }: Desktop): Promise<string> {
  return startedBy(`
  uriScheme: own(${JSON.stringify(uriScheme)}),
  appName: own(${JSON.stringify(appName)}),
  uiKind: own(1),
  appHost: own('desktop'),
  remoteName: own(undefined),
  asExternalUri: own(async (uri) => api.Uri.parse(uri.toString(true) + '?windowId=1')),
`)
}

/** The same for an editor that works on the person's own machine: what a server shows in a page is a remote one. */
export function asOnThisMachine(): Promise<string> {
  return startedBy('remoteName: own(undefined),')
}

function startedBy(answers: string): Promise<string> {
  return variant(async (folder, manifest) => {
    await writeFile(join(folder, 'dist/start.js'), starter(answers))
    return { ...manifest, main: './dist/start.js' }
  })
}

/** The packed extension without its desktop entry, as an editor in a page has it. */
export function forWebOnly(): Promise<string> {
  return variant(async (_, { main, extensionKind, ...manifest }) => manifest)
}

type Manifest = Readonly<Record<string, unknown>>

async function variant(
  change: (folder: string, manifest: Manifest) => Promise<Manifest>,
): Promise<string> {
  const copy = await copyOf('vscode')
  const folder = join(await temporaryDirectory(), 'extension')
  const packed = ['dist/desktop.js', 'dist/web.js', 'media', 'README.md', '.vscodeignore']
  for (const path of packed) {
    await cp(join(copy, path), join(folder, path), { recursive: true })
  }
  const manifest = JSON.parse(await readFile(join(copy, 'package.json'), 'utf8'))
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify(await change(folder, { ...manifest, scripts: undefined })),
  )
  const out = join(folder, 'variant.vsix')
  const flags = ['--no-dependencies', '--allow-missing-repository', '--skip-license', '--out', out]
  await runOrThrow(join(copy, 'node_modules/.bin/vsce'), ['package', ...flags], { cwd: folder })
  return out
}

function starter(answers: string): string {
  return `
const Module = require('node:module')
const api = require('vscode')
const own = (value) => ({ value, enumerable: true })
const env = Object.create(api.env, {${answers}})
const desktop = Object.create(api, { env: own(env) })
const load = Module._load
Module._load = function (name, parent, isMain) {
  const isOurs = name === 'vscode' && parent?.filename?.startsWith(__dirname)
  return isOurs ? desktop : load.call(this, name, parent, isMain)
}
exports.activate = (context) => require('./desktop.js').activate(context)
`
}
