import type { Answer } from './exchange.ts'

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Makes a text from outside harmless in HTML, in text and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
}

/** An HTML page without script, under a policy that would not run one. */
export function htmlPage(options: {
  readonly status?: number
  readonly title: string
  /** HTML; whatever comes from outside is escaped by the caller. */
  readonly body: string
  /**
   * Where a form of this page may lead besides its own origin. Chromium applies `form-action` to
   * the redirect that answers the form, so the consent page has to name the app's callback.
   */
  readonly formTarget?: string | undefined
}): Answer {
  const { status = 200, title, body, formTarget } = options
  const formAction = formTarget === undefined ? "'self'" : `'self' ${formTarget}`
  return {
    status,
    headers: [
      ['content-type', 'text/html; charset=utf-8'],
      ['cache-control', 'no-store'],
      [
        'content-security-policy',
        `default-src 'none'; form-action ${formAction}; frame-ancestors 'none'; base-uri 'none'`,
      ],
      ['x-content-type-options', 'nosniff'],
      // Not no-referrer: with it a browser posts the form with "Origin: null", which CORS refuses.
      ['referrer-policy', 'same-origin'],
    ],
    body: [
      '<!doctype html>',
      '<html lang="en"><head><meta charset="utf-8">',
      '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">',
      `<title>${escapeHtml(title)}</title></head>`,
      `<body><main><h1>${escapeHtml(title)}</h1>${body}</main></body></html>`,
    ].join('\n'),
  }
}

/** A hidden field of a form. */
export function hiddenField(name: string, value: string): string {
  return `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`
}
