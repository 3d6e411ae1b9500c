/**
 * What a release says, from the changelog: node test/tools/release-notes.mjs v1.2.3
 *
 * It fails unless the tag is the version of `package.json`, and the changelog has a dated section of it.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './paths.mjs'

/**
 * @param {{ tag: string, version: string, changelog: string }} release
 * @returns {string} the section, without its heading
 */
export function releaseNotes({ tag, version, changelog }) {
  if (tag !== `v${version}`) {
    throw new Error(
      `The tag is ${tag}, and package.json says ${version}: it has to be v${version}.`,
    )
  }
  const sections = changelog.split(/^## /m).slice(1)
  const section = sections.find((text) => text.startsWith(`[${version}] - `))
  const [heading = '', ...lines] = section?.split('\n') ?? []
  if (!/ - \d{4}-\d{2}-\d{2}$/.test(heading)) {
    throw new Error(`CHANGELOG.md has no section "## [${version}] - YYYY-MM-DD".`)
  }
  const notes = lines.join('\n').trim()
  if (notes === '') throw new Error(`The section of ${version} in CHANGELOG.md is empty.`)
  return notes
}

if (process.argv[1] === import.meta.filename) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const changelog = readFileSync(join(root, 'CHANGELOG.md'), 'utf8')
  try {
    console.log(releaseNotes({ tag: process.argv[2] ?? '', version, changelog }))
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}
