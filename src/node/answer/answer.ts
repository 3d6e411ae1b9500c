import type { PageContent } from '../loopback/page.ts'

/** The answer of the authorization server, wherever it came in. */
export interface Answer {
  readonly url: URL
  /** Whether a person gave nothing but the code: the rest of `url` is ours. */
  readonly codeAlone: boolean
  /** Shows the person how it ended; settles at once where there is no browser to show it in. */
  readonly respond: (page: PageContent & { readonly status: number }) => Promise<void>
}

/** How long a person has for a sign-in, ms. */
export const defaultTimeoutMs = 300_000
