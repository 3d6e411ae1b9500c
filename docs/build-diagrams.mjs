// `node docs/build-diagrams.mjs`: draws each docs/*.dot as an SVG beside it, readable in light and in dark.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { instance } from '@viz-js/viz'

const folder = fileURLToPath(new URL('.', import.meta.url))
const viz = await instance()

const style = `<style>
  text { fill: #24292f } path, polygon { stroke: #57606a; fill: none }
  .edge polygon { fill: #57606a } .edge text { fill: #57606a }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } path, polygon { stroke: #9198a1 }
    .edge polygon { fill: #9198a1 } .edge text { fill: #9198a1 }
  }
</style>`

/**
 * The diagrams, as they should be.
 *
 * @returns {Promise<{ path: string, svg: string }[]>}
 */
export async function diagrams() {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.dot'))
  return Promise.all(
    names.map(async (name) => ({
      path: `${folder}${name.replace(/\.dot$/, '.svg')}`,
      svg: draw(await readFile(`${folder}${name}`, 'utf8')),
    })),
  )
}

/** @param {string} text */
function draw(text) {
  const drawn = viz.renderString(text, { format: 'svg' })
  return (
    drawn
      .slice(drawn.indexOf('<svg'))
      // The colours come from the style, which knows the reader's theme.
      .replace(/ (fill|stroke)="(black|white|none|transparent)"/g, '')
      .replace(/<polygon points="[^"]*"\/>\n/, '')
      .replace(/(<svg[^>]*>)/, `$1\n${style}`)
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const { path, svg } of await diagrams()) await writeFile(path, svg)
}
