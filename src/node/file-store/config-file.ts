import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { chmod, readFile, rename } from 'node:fs/promises'
import { AuthError } from '../../errors/auth-error.ts'
import { type Fields, isFields, parseFields } from '../../json/fields.ts'
import { codeOf, resolveLinks, writeFileAtomic } from './atomic-write.ts'

/**
 * Reads a config file; no file is an empty one.
 *
 * @throws AuthError `store_unavailable` when it cannot be read; `store_corrupt` when it is no JSON
 * object: then it was set aside under another name, for a person to repair
 */
export async function readConfig(path: string): Promise<Fields> {
  let text: string
  try {
    text = plainText(await readFile(path, 'utf8'))
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return {}
    throw unavailable(path, 'read', error)
  }
  if (text === '') return {}
  const config = parse(text)
  if (config === undefined) throw await setAside(path)
  return config
}

/** @throws AuthError `store_unavailable`; then the file is as it was */
export async function writeConfig(path: string, config: Fields): Promise<void> {
  try {
    await writeFileAtomic(path, `${JSON.stringify(config, undefined, 2)}\n`)
  } catch (error) {
    throw unavailable(path, 'written', error)
  }
}

/**
 * The `services` block, read at once because a client is made synchronously. What cannot be read is
 * left to the store, which reports it.
 */
export function readServicesSync(path: string): Fields | undefined {
  try {
    const { services } = parseFields(plainText(readFileSync(path, 'utf8')))
    return isFields(services) ? services : undefined
  } catch {
    return undefined
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
