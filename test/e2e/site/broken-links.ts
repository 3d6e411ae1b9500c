import { readdir, readFile } from 'node:fs/promises'

/** A page of the site: where its links lead, and what can be linked to in it. */
interface SitePage {
  readonly links: readonly string[]
  readonly anchors: ReadonlySet<string>
}

/**
 * The links within a site that lead nowhere: to no file, or to no anchor in it.
 *
 * @returns each as `page: link`, and how many were looked at
 */
export async function brokenLinks(
  folder: string,
): Promise<{ readonly broken: readonly string[]; readonly looked: number }> {
  const files = new Set(await readdir(folder, { recursive: true }))
  const pages = new Map<string, SitePage>()
  for (const file of files) {
    if (file.endsWith('.html')) pages.set(file, read(await readFile(`${folder}/${file}`, 'utf8')))
  }
  const all = [...pages].flatMap(([page, { links }]) => links.map((link) => ({ page, link })))
  const inside = all.filter(({ link }) => !/^(https?|mailto|data):/.test(link))
  const broken = inside.filter(({ page, link }) => {
    const { pathname, hash } = new URL(link, `http://site/${page}`)
    const file = decodeURIComponent(pathname.slice(1)) || 'index.html'
    if (!files.has(file)) return true
    const target = pages.get(file)
    return hash !== '' && target?.anchors.has(decodeURIComponent(hash.slice(1))) === false
  })
  return { broken: broken.map(({ page, link }) => `${page}: ${link}`), looked: inside.length }
}

function read(html: string): SitePage {
  const valuesOf = (name: string) =>
    [...html.matchAll(new RegExp(`<[^>]*\\s(?:${name})="(?<value>[^"]*)"`, 'g'))].map(
      ({ groups }) => decode(groups?.value ?? ''),
    )
  return { links: valuesOf('href|src'), anchors: new Set(['', ...valuesOf('id|name')]) }
}

const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
}

function decode(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => entities[entity] ?? entity)
}
