import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { chmod, readFile, rename } from 'node:fs/promises'
import { AuthError, isAuthError } from '../../errors/auth-error.ts'
import { type Fields, fieldsOf, isFields } from '../../json/fields.ts'
import { resolveLinks } from '../files/links.ts'
import { waitFor } from '../files/patiently.ts'
import { codeOf } from '../files/system-error.ts'
import { writeFileAtomic } from './atomic-write.ts'

/** Versions that change what the fields mean raise `auth.format`; without it, it is the first. */
const knownFormat = 1

/**
 * Programs that replace the file in place leave it empty or half written for a moment, and on Windows
 * it cannot be opened while it is replaced: pauses before it is looked at again, in ms.
 */
const pausesMs = [10, 30, 60]
const passing = new Set(['EBUSY', 'EPERM'])

/**
 * Reads a config file without any lock; no file is an empty one.
 *
 * @returns `undefined` when it is no JSON object
 * @throws AuthError `store_unavailable` when it cannot be read, or is of a newer format
 */
export async function readConfig(path: string): Promise<Fields | undefined> {
  for (const pauseMs of [...pausesMs, undefined]) {
    try {
      const text = plainText(await readFile(path, 'utf8'))
      const config = text === '' && pauseMs === undefined ? {} : parse(text)
      if (config !== undefined) return requireKnownFormat(path, config)
    } catch (error) {
      if (isAuthError(error)) throw error
      if (codeOf(error) === 'ENOENT') return {}
      if (pauseMs === undefined || !passing.has(codeOf(error) ?? '')) {
        throw unavailable(path, 'read', error)
      }
    }
    if (pauseMs !== undefined) await waitFor(pauseMs)
  }
  return undefined
}

/**
 * Reads a config file for who is alone with it, and puts one that is no JSON object out of the way.
 *
 * @throws AuthError as {@link readConfig}, and `store_corrupt`: then the file was set aside under
 * another name, for a person to repair
 */
export async function readSoundConfig(path: string): Promise<Fields> {
  const config = await readConfig(path)
  if (config === undefined) throw await setAside(path)
  return config
}

/** What is there at this moment, for comparison only; `undefined` when that cannot be told. */
export function glanceAtConfig(path: string): Fields | undefined {
  try {
    return parse(plainText(readFileSync(path, 'utf8')))
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? {} : undefined
  }
}

/**
 * @param beforeReplace called right before the file is replaced; throws to prevent it
 * @throws AuthError `store_unavailable`; then the file is as it was
 */
export async function writeConfig(
  path: string,
  config: Fields,
  { beforeReplace }: { readonly beforeReplace: () => Promise<void> },
): Promise<void> {
  try {
    await writeFileAtomic(path, `${JSON.stringify(config, undefined, 2)}\n`, { beforeReplace })
  } catch (error) {
    throw isAuthError(error) ? error : unavailable(path, 'written', error)
  }
}

/** Without the white space around it, and the byte order mark that editors on Windows put in front. */
function plainText(text: string): string {
  return text.trim()
}

function parse(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const valid = isFields(value) && (value.auth === undefined || isFields(value.auth))
    return valid ? value : undefined
  } catch {
    return undefined
  }
}

function requireKnownFormat(path: string, config: Fields): Fields {
  const { format } = fieldsOf(config.auth)
  if (typeof format !== 'number' || format <= knownFormat) return config
  throw new AuthError('store_unavailable', `${path} was written by a newer version.`, {
    retryable: false,
    hint: 'Update this program: it cannot read what a newer one has stored, and leaves it as it is.',
  })
}

async function setAside(path: string): Promise<AuthError> {
  try {
    // A link stays where it is (★30): what it points to is set aside.
    const target = await resolveLinks(path)
    const time = new Date().toISOString().replace(/[:.]/g, '-')
    const aside = `${target}.corrupt-${time}-${randomUUID().slice(0, 8)}`
    await rename(target, aside)
    await chmod(aside, 0o600)
    return new AuthError('store_corrupt', `${path} is not a config file.`, {
      hint: `It was kept as ${aside}: repair it and move it back, or sign in again.`,
    })
  } catch (error) {
    return unavailable(path, 'set aside', error)
  }
}

function unavailable(path: string, what: string, cause: unknown): AuthError {
  const code = codeOf(cause)
  const detail = code === undefined ? '' : ` (${code})`
  return new AuthError('store_unavailable', `${path} could not be ${what}${detail}.`, { cause })
}
