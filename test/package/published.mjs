/**
 * `npm run package`: what a consumer gets, and whether it is in order.
 * - the files that TypeScript and the runtimes find for each entry (attw), and what is wrong with them
 * - what publint says
 * - what is installed along, how large it is, and whether anything of it runs when it is installed
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createConsumer, packageName } from '../tools/package.mjs'
import { installedPackages, publintMessages, resolutions, ways } from '../tools/published.mjs'
import { printTable } from '../tools/table.mjs'

const consumer = await createConsumer()
try {
  const { isClean, found } = await resolutions()
  printTable(
    ['types', ...ways],
    [...found].map(([entry, byWay]) => [
      entry,
      ...ways.map((way) => byWay[way].problems.join(', ') || byWay[way].types),
    ]),
  )
  const messages = await publintMessages(join(consumer, 'node_modules', packageName))
  console.log(`\npublint, strictly: ${messages.join('\n') || 'nothing to say'}\n`)

  const packages = await installedPackages(consumer)
  const bytes = packages.reduce((sum, each) => sum + each.bytes, 0)
  printTable(
    ['installed', 'version', 'size', 'install scripts'],
    [
      ...packages.map(({ name, version, bytes, runsAtInstall }) => [
        name,
        version,
        kilobytes(bytes),
        runsAtInstall ? 'yes' : 'none',
      ]),
      [`${packages.length - 1} dependencies`, '', kilobytes(bytes), ''],
    ],
  )
  const isInOrder =
    isClean && messages.length === 0 && !packages.some(({ runsAtInstall }) => runsAtInstall)
  process.exitCode = isInOrder ? 0 : 1
} finally {
  await rm(consumer, { recursive: true })
}

/** @param {number} bytes */
function kilobytes(bytes) {
  return `${(bytes / 1024).toFixed(0)} KB`
}
