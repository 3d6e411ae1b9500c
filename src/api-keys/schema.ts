import * as z from 'zod/mini'
import { isFields } from '../json/fields.ts'
import { ifValid, orElse } from '../json/lenient.ts'
import { formatApiKey } from './format.ts'
import { assertApiKey } from './inspect.ts'
import type { ApiKeyRecord, CreatedApiKey } from './types.ts'

const text = z.string().check(z.minLength(1))

/** Both forms: the whole `key`, or `key_id` and `key_secret` apart (roadmap §3.1). */
const fields = z.object({
  id: ifValid(text),
  name: orElse(z.string(), () => ''),
  access_level: ifValid(z.string()),
  permissions: ifValid(z.array(z.string())),
  description: ifValid(z.string()),
  is_active: orElse(z.boolean(), () => true),
  created_at: ifValid(z.string()),
  expires_at: ifValid(z.string()),
  key: ifValid(text),
  key_id: ifValid(text),
  key_secret: ifValid(text),
})

/** `data` where the answer is wrapped in it. */
const unwrapped = z.pipe(
  z.unknown(),
  z.transform((body) => (isFields(body) && 'data' in body ? body.data : body)),
)

const record = z.pipe(
  fields,
  z.transform((answer, context): ApiKeyRecord => {
    const id = answer.id ?? answer.key_id
    if (id !== undefined) return describe(answer, id)
    context.issues.push({ code: 'custom', message: 'not an API key', input: undefined })
    return z.NEVER
  }),
)

const created = z.pipe(
  fields,
  z.transform((answer, context): CreatedApiKey => {
    try {
      const key = answer.key ?? formatApiKey(answer.key_id ?? '', answer.key_secret ?? '')
      const { kind, publicId } = assertApiKey(key, 'The new key')
      const shown = describe(answer, answer.id ?? answer.key_id ?? publicId)
      return hideKey(key, { ...shown, publicId, kind })
    } catch {
      context.issues.push({ code: 'custom', message: 'not an API key', input: undefined })
      return z.NEVER
    }
  }),
)

/** The answer to creating or rotating a key, wrapped or bare. */
export const createdApiKey = z.pipe(unwrapped, created)

/** One key without its secret, wrapped or bare. */
export const apiKeyRecord = z.pipe(unwrapped, record)

/** All keys: a list, or an object that holds it as `keys`. */
export const apiKeyList = z.pipe(
  z.pipe(
    unwrapped,
    z.transform((body) => (isFields(body) && 'keys' in body ? body.keys : body)),
  ),
  z.array(record),
)

/** Whatever a revocation or a deletion answers, or nothing. */
export const anyAnswer = z.unknown()

function describe(answer: z.output<typeof fields>, id: string): ApiKeyRecord {
  const { name, access_level, permissions, description, is_active, key_id } = answer
  return {
    id,
    name,
    active: is_active,
    ...(access_level === undefined ? {} : { accessLevel: access_level }),
    ...(permissions === undefined ? {} : { permissions }),
    ...(description === undefined ? {} : { description }),
    ...(key_id === undefined ? {} : { publicId: key_id }),
    ...validDate('createdAt', answer.created_at),
    ...validDate('expiresAt', answer.expires_at),
  }
}

/** Not enumerable: a log of the answer must not be where the key is found. */
export function hideKey(key: string, shown: Omit<CreatedApiKey, 'key'>): CreatedApiKey {
  return Object.defineProperty({ ...shown, key: '' }, 'key', { value: key, enumerable: false })
}

function validDate<Name extends string>(name: Name, value: string | undefined) {
  const date = new Date(value ?? Number.NaN)
  return (Number.isNaN(date.getTime()) ? {} : { [name]: date }) as { readonly [K in Name]?: Date }
}
