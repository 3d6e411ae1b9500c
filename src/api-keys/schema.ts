import * as z from 'zod/mini'
import { formatApiKey } from './format.ts'
import { assertApiKey } from './inspect.ts'
import type { CreatedApiKey } from './types.ts'

const optional = <T extends z.core.SomeType>(type: T) => z.catch(z.optional(type), undefined)
const text = z.string().check(z.minLength(1))

/** Both forms: the whole `key`, or `key_id` and `key_secret` apart (roadmap §3.1). */
const fields = z.object({
  id: optional(text),
  name: optional(z.string()),
  access_level: optional(z.string()),
  permissions: optional(z.array(z.string())),
  is_active: optional(z.boolean()),
  created_at: optional(z.string()),
  expires_at: optional(z.string()),
  key: optional(text),
  key_id: optional(text),
  key_secret: optional(text),
})

const created = z.pipe(
  fields,
  z.transform((answer, context): CreatedApiKey => {
    const { id, key_id, name, access_level, permissions, is_active } = answer
    try {
      const key = answer.key ?? formatApiKey(key_id ?? '', answer.key_secret ?? '')
      const { kind, publicId } = assertApiKey(key, 'The new key')
      return hideKey(key, {
        id: id ?? key_id ?? publicId,
        name: name ?? '',
        publicId,
        kind,
        ...(access_level === undefined ? {} : { accessLevel: access_level }),
        ...(permissions === undefined ? {} : { permissions }),
        ...(is_active === undefined ? {} : { active: is_active }),
        ...validDate('createdAt', answer.created_at),
        ...validDate('expiresAt', answer.expires_at),
      })
    } catch {
      context.issues.push({ code: 'custom', message: 'not an API key', input: undefined })
      return z.NEVER
    }
  }),
)

/** The answer to creating a key, wrapped in `data` or bare. */
export const createdApiKey = z.pipe(
  z.pipe(
    z.looseObject({ data: z.optional(z.unknown()) }),
    z.transform((body) => body.data ?? body),
  ),
  created,
)

/** Not enumerable: a log of the answer must not be where the key is found. */
function hideKey(key: string, shown: Omit<CreatedApiKey, 'key'>): CreatedApiKey {
  return Object.defineProperty({ ...shown, key: '' }, 'key', { value: key, enumerable: false })
}

function validDate<Name extends string>(name: Name, value: string | undefined) {
  const date = new Date(value ?? Number.NaN)
  return (Number.isNaN(date.getTime()) ? {} : { [name]: date }) as { readonly [K in Name]?: Date }
}
