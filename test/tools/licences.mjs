import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * The licence texts of the packages whose code is in a build.
 *
 * @param {import('esbuild').Metafile} metafile
 */
export async function licencesOf(metafile) {
  const folders = new Set(
    Object.values(metafile.outputs)
      .flatMap(({ inputs }) => Object.entries(inputs))
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .flatMap(([path]) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? []),
  )
  const texts = await Promise.all([...folders].sort().map(licenceOf))
  return `Parts of these packages are included in the files of this folder.\n\n${texts.join('\n')}`
}

/** @param {string} folder of a package */
async function licenceOf(folder) {
  const { name, version, license } = JSON.parse(
    await readFile(join(folder, 'package.json'), 'utf8'),
  )
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e(\.|$)/i.test(entry))
  if (file === undefined) throw new Error(`${name} is to be included, and comes without a licence.`)
  const text = await readFile(join(folder, file), 'utf8')
  return `${'-'.repeat(80)}\n${name} ${version} (${license})\n\n${text.trim()}\n`
}
