import { type JSONOutput, ReflectionKind } from 'typedoc'

type Item = JSONOutput.DeclarationReflection

/** Those that end something, whatever state it is in. */
const cannotFail = new Set(['close', '[asyncDispose]'])

/**
 * What the reference leaves unsaid, beyond what typedoc itself asks for.
 *
 * | item | has |
 * |---|---|
 * | a function or a class | an example |
 * | a method | a sentence that says what it does; where it gives a promise, what it fails with |
 * | a number | a sentence with its unit |
 *
 * @returns each as `entry: item: what is missing`
 */
export function gapsIn({ children = [] }: JSONOutput.ProjectReflection): readonly string[] {
  return children.flatMap((entry) =>
    membersOf(entry).flatMap((item) => gapsOf(item, { path: `${entry.name}: ${item.name}` })),
  )
}

function gapsOf(item: Item, { path, owner }: { path: string; owner?: Item }): readonly string[] {
  // Described where they come from.
  if (item.inheritedFrom !== undefined || item.variant === 'reference') return []
  const below = membersOf(item).flatMap((member) =>
    gapsOf(member, { path: `${path}.${member.name}`, owner: item }),
  )
  return [...missingOf(item, owner).map((what) => `${path}: ${what}`), ...below]
}

function missingOf(item: Item, owner: Item | undefined): readonly string[] {
  const comments = [item.comment, ...(item.signatures ?? []).map(({ comment }) => comment)]
  const has = (tag: `@${string}`) =>
    comments.some((comment) => comment?.blockTags?.some((block) => block.tag === tag))
  const isDescribed = comments.some((comment) => comment?.summary.some(({ text }) => text !== ''))
  switch (item.kind) {
    case ReflectionKind.Function:
    case ReflectionKind.Class:
      return has('@example') ? [] : ['no example']
    case ReflectionKind.Method:
      return [
        ...(isDescribed ? [] : ['no sentence']),
        ...(owner?.kind === ReflectionKind.Class && givesPromise(item) && !has('@throws')
          ? ['no @throws']
          : []),
      ]
    case ReflectionKind.Property:
      return isNumber(item.type) && !isDescribed ? ['no unit'] : []
    default:
      return []
  }
}

function membersOf({ children = [], type }: Pick<Item, 'children' | 'type'>): readonly Item[] {
  return [...children, ...(type?.type === 'reflection' ? (type.declaration.children ?? []) : [])]
}

function givesPromise({ name, signatures = [] }: Item): boolean {
  return (
    !cannotFail.has(name) &&
    signatures.some(({ type }) => type?.type === 'reference' && type.name === 'Promise')
  )
}

function isNumber(type: JSONOutput.SomeType | undefined): boolean {
  if (type?.type === 'union') return type.types.some(isNumber)
  return type?.type === 'intrinsic' && type.name === 'number'
}
