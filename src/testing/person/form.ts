/** A form as a person sees it. */
export interface Form {
  readonly method: 'get' | 'post'
  readonly action: string
  readonly fields: readonly Field[]
  readonly buttons: readonly Field[]
}

/** A field with its name and the value it has from the start. */
interface Field {
  readonly name: string
  readonly value: string
}

/** Reads the first form of one of the gateway's pages, which are plain enough for this. */
export function readForm(html: string): Form | undefined {
  const form = /<form\b([^>]*)>(.*?)<\/form>/s.exec(html)
  if (form === null) return undefined
  const attributes = readAttributes(form[1] ?? '')
  const content = form[2] ?? ''
  return {
    method: attributes.get('method')?.toLowerCase() === 'post' ? 'post' : 'get',
    action: attributes.get('action') ?? '',
    fields: readFields(content, 'input'),
    buttons: readFields(content, 'button'),
  }
}

/** What a person reads on a page. */
export function readText(html: string): string {
  const visible = html.replace(/<head\b.*?<\/head>/s, ' ').replace(/<[^>]*>/g, ' ')
  return unescapeHtml(visible).replace(/\s+/g, ' ').trim()
}

function readFields(html: string, tag: string): Field[] {
  return Array.from(html.matchAll(new RegExp(`<${tag}\\b([^>]*)>`, 'g')), (match) => {
    const attributes = readAttributes(match[1] ?? '')
    return { name: attributes.get('name') ?? '', value: attributes.get('value') ?? '' }
  })
}

function readAttributes(text: string): ReadonlyMap<string, string> {
  return new Map(
    Array.from(text.matchAll(/([\w-]+)="([^"]*)"/g), ([, name = '', value = '']) => [
      name,
      unescapeHtml(value),
    ]),
  )
}

const characters: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&amp;': '&',
}

function unescapeHtml(text: string): string {
  return text.replace(/&(?:lt|gt|quot|#39|amp);/g, (entity) => characters[entity] ?? entity)
}
