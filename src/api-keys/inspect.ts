import { AuthError, type AuthErrorOptions } from '../errors/auth-error.ts'

/** The forms of API keys in use, named by their prefix; `pk` is the pair `pk_….sk_…`. */
export type ApiKeyKind = 'pk' | 'lano' | 'vx' | 'lns' | 'lms' | 'vibe' | 'master'

/** Why a text is not an API key. */
export type ApiKeyProblem =
  | 'empty'
  | 'surrounded'
  | 'public_half_only'
  | 'secret_half_only'
  | 'jwt'
  | 'hash'
  | 'unknown_form'

/** What {@link inspectApiKey} found. */
export type ApiKeyInspection =
  | {
      readonly ok: true
      readonly kind: ApiKeyKind
      /** The part that may be shown: the public half, or the first 8 characters. */
      readonly publicId: string
    }
  | { readonly ok: false; readonly reason: ApiKeyProblem; readonly hint: string }

const pair = /^(pk_[\w-]+)\.(sk_[\w-]+)$/
const lano = /^lano_[0-9a-f]{64}$/i
const older = /^(vx|lns|lms|vibe|master)_[\w.-]{8,}$/

const hints: Readonly<Record<ApiKeyProblem, string>> = {
  empty: 'Paste the API key from the dashboard (pk_….sk_… or lano_…).',
  surrounded: 'Remove the white space or the quotes around the key.',
  public_half_only:
    'This is only the public half. Copy the full string from the dashboard: pk_….sk_….',
  secret_half_only:
    'This is only the secret half. Copy the full string from the dashboard: pk_….sk_….',
  jwt: 'This is a session token (JWT), not an API key. Sign in, or create a key in the dashboard.',
  hash: 'This is the SHA-256 of a key, not the key. Keep it secret all the same, and paste the key itself.',
  unknown_form: 'Copy the whole key from the dashboard again (pk_….sk_… or lano_…).',
}

/**
 * Tells whether a text has the form of an API key, and what is wrong with it if not, without any request.
 *
 * It says nothing of whether a service accepts the key. The answer holds nothing secret.
 *
 * @example
 * ```ts
 * import { inspectApiKey } from '@lanonasis/auth-client'
 *
 * const found = inspectApiKey('pk_123')
 * if (!found.ok) console.error(found.reason, found.hint) // public_half_only …
 * ```
 */
export function inspectApiKey(text: string): ApiKeyInspection {
  const problem = (reason: ApiKeyProblem) => ({ ok: false, reason, hint: hints[reason] }) as const
  if (text.trim() === '') return problem('empty')
  if (text !== text.trim() || /^['"`“‘]|['"`”’]$/.test(text)) return problem('surrounded')

  const halves = pair.exec(text)
  if (halves?.[1] !== undefined) return { ok: true, kind: 'pk', publicId: halves[1] }
  if (/^pk_[\w-]+\.?$/.test(text)) return problem('public_half_only')
  if (/^\.?sk_[\w-]+$/.test(text)) return problem('secret_half_only')

  const publicId = text.slice(0, 8)
  if (lano.test(text)) return { ok: true, kind: 'lano', publicId }
  const kind = older.exec(text)?.[1] as Exclude<ApiKeyKind, 'pk' | 'lano'> | undefined
  if (kind !== undefined) return { ok: true, kind, publicId }

  // Three parts, but not a pair that was pasted twice.
  if (/^(?![ps]k_)[\w-]+\.[\w-]+\.[\w-]*$/.test(text)) return problem('jwt')
  if (/^[0-9a-f]{64}$/i.test(text)) return problem('hash')
  return problem('unknown_form')
}

/**
 * @param setting where the key came from, for the message: `apiKey`, `LANONASIS_API_KEY`, …
 * @throws AuthError `api_key_incomplete` for one half of a pair, `api_key_malformed` for everything else that is not a key
 */
export function assertApiKey(
  text: string,
  setting: string,
): Extract<ApiKeyInspection, { ok: true }> {
  const inspection = inspectApiKey(text)
  if (inspection.ok) return inspection
  const { reason, hint } = inspection
  const options: AuthErrorOptions = { hint }
  if (reason === 'public_half_only' || reason === 'secret_half_only') {
    throw new AuthError('api_key_incomplete', `${setting} is only one half of an API key.`, options)
  }
  throw new AuthError('api_key_malformed', `${setting} is not an API key (${reason}).`, options)
}
