import type { Fields } from '../../json/fields.ts'
import type { Content } from '../content.ts'
import { readTime } from '../times.ts'
import { FieldsReader } from './fields-reader.ts'
import { hasLeftovers } from './leftovers.ts'

/**
 * A key as the key storage of `@lanonasis/oauth-client` keeps it: `{ apiKey, expiresAt, environment, … }`.
 * `environment` is the `NODE_ENV` of a moment, which says nothing of the key.
 */
export function readKeyData(fields: Fields): Content {
  const reader = new FieldsReader(fields)
  const text = reader.text('apiKey')
  const expiresAt = readTime(fields.expiresAt)
  return {
    format: 'api-key',
    items: text === undefined ? [] : [{ type: 'api-key', text, expiresAt }],
    problems: reader.problems,
    leftovers: hasLeftovers(fields, ['apiKey']),
  }
}

/** A key and nothing else. */
export function readBareKey(text: string): Content {
  const key = text.trim()
  return {
    format: 'api-key',
    items: key === '' ? [] : [{ type: 'api-key', text: key }],
    problems: [],
  }
}
