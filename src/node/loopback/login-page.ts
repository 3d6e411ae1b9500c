import type { AuthError } from '../../errors/auth-error.ts'
import type { PageContent } from './page.ts'

/** How a sign-in ended, for the page in the browser. */
export type LoginOutcome =
  | { readonly ok: true }
  /** `error` is safe to show; `undefined`: something failed that nobody foresaw. */
  | { readonly ok: false; readonly error: AuthError | undefined }

/** What the page in the browser says in the end, in the person's language. Texts are escaped. */
export type LoginPage = (outcome: LoginOutcome) => PageContent

/** The page that the application wants, or ours: its mistake must not cost the tokens that are there. */
export function pageFor(outcome: LoginOutcome, page: LoginPage = inEnglish): PageContent {
  try {
    return page(outcome)
  } catch {
    return inEnglish(outcome)
  }
}

const inEnglish: LoginPage = (outcome) => {
  if (outcome.ok) {
    return {
      title: 'You are signed in',
      text: 'You may close this window and go back to the program.',
    }
  }
  const { error } = outcome
  const reason = error === undefined ? '' : `${error.message} ${error.hint} `
  return {
    title: 'The sign-in did not succeed',
    text: `${reason}You may close this window and go back to the program.`,
  }
}
