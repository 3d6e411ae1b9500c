import { type Fields, isFields } from '../../json/fields.ts'
import { type Content, nothing } from '../content.ts'
import { readBareKey, readKeyData } from './api-key.ts'
import { readCliConfig } from './cli-config.ts'
import { readTokens } from './tokens.ts'

/** How to read an object that has one of these fields; the first that fits. */
export interface Format {
  readonly fields: readonly string[]
  readonly read: (fields: Fields) => Content
}

const formats: readonly Format[] = [
  { fields: ['access_token', 'refresh_token', 'issued_at'], read: readTokens },
  { fields: ['apiKey'], read: readKeyData },
]

const cliConfig: Format = {
  fields: [
    'token',
    'vendorKey',
    'authMethod',
    'apiUrl',
    'discoveredServices',
    'manualEndpointOverrides',
    'token_expires_at',
    'tokenExpiry',
  ],
  read: readCliConfig,
}

/** Reads a text by the fields that are in it, whatever the file is called. */
export function readText(text: string, more: readonly Format[] = []): Content {
  const value = parse(text)
  if (value === undefined) return damaged('is no JSON')
  if (!isFields(value)) return damaged('is no JSON object')
  const has = ({ fields }: Format) => fields.some((name) => Object.hasOwn(value, name))
  // `refresh_token` is in the CLI's file as well, `access_token` never is.
  const isCli = has(cliConfig) && !Object.hasOwn(value, 'access_token')
  const format = more.find(has) ?? (isCli ? cliConfig : formats.find(has))
  return format?.read(value) ?? nothing
}

/** Reads a place that is for an API key: the key with its details, or alone. */
export function readKeyText(text: string): Content {
  const value = parse(text)
  if (isFields(value)) return readText(text)
  return readBareKey(typeof value === 'string' ? value : text)
}

function parse(text: string): unknown {
  try {
    // The byte order mark that editors on Windows put in front counts as white space.
    return JSON.parse(text.trim())
  } catch {
    return undefined
  }
}

function damaged(what: string): Content {
  return { ...nothing, problems: [{ code: 'damaged', message: `What is there ${what}.` }] }
}
