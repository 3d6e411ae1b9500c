import { AuthError } from '../../errors/auth-error.ts'
import { type Fields, fieldsOf, isFields } from '../../json/fields.ts'
import { glanceAtFields, readFields } from '../files/json-file.ts'
import { damagedFile } from '../files/set-aside.ts'

/** Versions that change what the fields mean raise `auth.format`; without it, it is the first. */
const knownFormat = 1

/**
 * Reads a config file without any lock; no file is an empty one.
 *
 * @returns `undefined` when it is no JSON object
 * @throws AuthError `store_unavailable` when it cannot be read, or is of a newer format
 */
export async function readConfig(path: string): Promise<Fields | undefined> {
  const config = await readFields(path, isConfig)
  return config && requireKnownFormat(path, config)
}

/**
 * Reads a config file for who is alone with it, and puts one that is no JSON object out of the way.
 *
 * @throws AuthError as {@link readConfig}, and `store_corrupt`: then the file was set aside under
 * another name, for a person to repair
 */
export async function readSoundConfig(path: string): Promise<Fields> {
  const config = await readConfig(path)
  if (config === undefined) throw await damagedFile(path, 'a config file')
  return config
}

/** What is there at this moment, for comparison only; `undefined` when that cannot be told. */
export function glanceAtConfig(path: string): Fields | undefined {
  return glanceAtFields(path, isConfig)
}

function isConfig({ auth }: Fields): boolean {
  return auth === undefined || isFields(auth)
}

function requireKnownFormat(path: string, config: Fields): Fields {
  const { format } = fieldsOf(config.auth)
  if (typeof format !== 'number' || format <= knownFormat) return config
  throw newerFile(path)
}

/** The error for a file of a format that this version does not know. */
export function newerFile(path: string): AuthError {
  return new AuthError('store_unavailable', `${path} was written by a newer version.`, {
    retryable: false,
    hint: 'Update this program: it cannot read what a newer one has stored, and leaves it as it is.',
  })
}
