import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { cache } from '../tools/paths.mjs'
import { runOrThrow } from '../tools/process.mjs'

/**
 * What the library is compared with, as anybody would install it: not our own copies, which may be
 * deduplicated or patched.
 */
const peers = {
  '@modelcontextprotocol/sdk': '1.32.2',
  eventsource: '5.1.5',
  'eventsource-parser': '3.1.1',
  ws: '8.23.0',
}

const wanted = JSON.stringify({ private: true, type: 'module', dependencies: peers })
const folder = join(cache, 'bench', createHash('sha256').update(wanted).digest('hex').slice(0, 12))

/**
 * Installs the peers into a folder of their own, on first use.
 *
 * @returns {Promise<Record<string, string>>} the versions that are there, by name
 */
export async function installPeers() {
  const finished = join(folder, 'finished')
  if (!existsSync(finished)) {
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'package.json'), wanted)
    await runOrThrow('npm', ['install', '--no-audit', '--no-fund'], { cwd: folder })
    await writeFile(finished, '')
  }
  const versions = Object.keys(peers).map(async (name) => {
    const text = await readFile(join(folder, 'node_modules', name, 'package.json'), 'utf8')
    return [name, String(JSON.parse(text).version)]
  })
  return Object.fromEntries(await Promise.all(versions))
}

/**
 * Imports a peer from there.
 *
 * @param {string} specifier
 */
export async function importPeer(specifier) {
  const file = join(folder, `${specifier.replace(/[^\w-]+/g, '-')}.mjs`)
  await writeFile(file, `export * from ${JSON.stringify(specifier)}\n`)
  return import(pathToFileURL(file).href)
}
