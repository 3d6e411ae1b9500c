import { createHash } from 'node:crypto'

/** What a page says; texts are escaped here. */
export interface PageContent {
  /** The heading, as plain text. */
  readonly title: string
  /** What stands below it, as plain text. */
  readonly text: string
  /** The language of both, as BCP 47 has it; default `en`. */
  readonly language?: string | undefined
}

// The colors of the canvas are named although they are the default: what checks contrast takes it for white.
const style =
  ':root{color-scheme:light dark;background:Canvas;color:CanvasText}body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:18vh auto 0;padding:0 1.5rem}h1{font-size:1.5rem}'

const styleHash = createHash('sha256').update(style).digest('base64')

/** The page leaves no trace of the code in caches or referrers, loads nothing, and runs nothing. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  connection: 'close',
}

/** A page in plain HTML, without script, readable in light and dark. */
export function renderPage({ title, text, language = 'en' }: PageContent): string {
  return `<!doctype html><html lang="${escapeHtml(language)}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title><style>${style}</style></head><body><main><h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p></main></body></html>`
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '')
}
