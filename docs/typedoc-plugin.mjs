// What the site needs besides the options of typedoc: the guides by their own titles, in the order and the groups of
// docs/README.md, and links to what is not in the site.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Converter, DocumentReflection, ReflectionKind } from 'typedoc'

const folder = fileURLToPath(new URL('.', import.meta.url))
const root = dirname(folder.replace(/\/$/, ''))
const index = resolve(folder, 'README.md')
const packageName = '@lanonasis/auth-client'

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    const groups = readIndex()
    /** @param {DocumentReflection} document */
    const pathOf = (document) => project.files.getReflectionPath(document) ?? ''
    const order = [...groups.keys()].reverse()
    /** @param {DocumentReflection} document */
    const placeOf = (document) => order.indexOf(pathOf(document))
    const documents = [...(project.documents ?? [])].sort(
      (one, other) => placeOf(other) - placeOf(one),
    )
    for (const document of documents) {
      document.name = headingOf(document.content) ?? document.name
      document.frontmatter.group = groups.get(pathOf(document)) ?? 'Papers'
      linkOutside(document.content, project)
    }
    // In the order in which they will be shown.
    project.documents = documents
    const others = (project.childrenIncludingDocuments ?? []).filter(
      (child) => !(child instanceof DocumentReflection),
    )
    project.childrenIncludingDocuments = [...documents, ...others]
    for (const reflection of Object.values(project.reflections)) {
      const { comment } = reflection
      linkOutside(comment?.summary ?? [], project)
      for (const { content } of comment?.blockTags ?? []) linkOutside(content, project)
    }
    for (const entry of project.children ?? []) {
      if (entry.kindOf(ReflectionKind.Module)) entry.name = importOf(entry.name)
    }
    const { readme = [] } = project
    linkOutside(readme, project)
    // The site shows the name of the package above it.
    const [first] = readme
    if (first !== undefined) first.text = first.text.replace(/^# .+\n/, '')
  })
}

/**
 * The guides by their paths, with the part of the index in which each is.
 *
 * @returns {ReadonlyMap<string, string>}
 */
function readIndex() {
  /** @type {Map<string, string>} */
  const groups = new Map([[index, 'Begin']])
  let group = ''
  for (const line of readFileSync(index, 'utf8').split('\n')) {
    group = /^## (.+)$/.exec(line)?.[1] ?? group
    const path = /^- \[.+?\]\(([^)]+\.md)\)/.exec(line)?.[1]
    if (path !== undefined) groups.set(resolve(folder, path), group)
  }
  return groups
}

/**
 * What the first line of a guide says, which is its heading.
 *
 * @param {import('typedoc').CommentDisplayPart[]} parts
 */
function headingOf(parts) {
  const text = parts.map((part) => part.text).join('')
  return /^# (.+)$/m.exec(text)?.[1]?.replaceAll('`', '')
}

/**
 * How an entry is imported: `testing-node` is the module of `testing-node.ts`.
 *
 * @param {string} name
 */
function importOf(name) {
  return name === 'index' ? packageName : `${packageName}/${name.replace('-', '/')}`
}

/**
 * Files that are neither guides nor pictures are looked at where they live. (typedoc's own check, `invalidPath`, knows of
 * files only, and not of folders.)
 *
 * @param {import('typedoc').CommentDisplayPart[]} parts
 * @param {import('typedoc').ProjectReflection} project
 */
function linkOutside(parts, project) {
  for (const [at, part] of parts.entries()) {
    if (part.kind !== 'relative-link' || part.target === undefined) continue
    const target = project.files.resolve(part.target, project)
    if (typeof target !== 'string' || /\.(svg|png)$/.test(target)) continue
    const path = relative(root, target)
    if (!existsSync(target)) throw new Error(`A link leads to ${path}, which does not exist.`)
    const anchor = part.targetAnchor === undefined ? '' : `#${part.targetAnchor}`
    const text = `https://github.com/lanonasis/auth-client/blob/main/${path}${anchor}`
    parts[at] = { kind: 'text', text }
  }
}
