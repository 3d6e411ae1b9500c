import type { ParsedBody } from './exchange.ts'

/** Reads a body by its content type, as the services' frameworks do. */
export function parseBody(text: string, contentType: string | null): ParsedBody {
  if (text === '') return { kind: 'empty', fields: {} }
  const type = contentType?.split(';')[0]?.trim().toLowerCase() ?? ''
  if (type === 'application/x-www-form-urlencoded') {
    return { kind: 'form', fields: Object.fromEntries(new URLSearchParams(text)) }
  }
  if (type === 'application/json' || type.endsWith('+json')) return parseJson(text)
  return { kind: 'other', fields: {} }
}

/** Whether there is an object, empty or not, in JSON or as a form: what the gateway demands of a POST. */
export function hasFields(body: ParsedBody): boolean {
  return body.kind === 'json' || body.kind === 'form'
}

/** The text in a field, or undefined where there is none or something else. */
export function textField(body: ParsedBody, name: string): string | undefined {
  const value = body.fields[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

function parseJson(text: string): ParsedBody {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? { kind: 'json', fields: value } : { kind: 'other', fields: {} }
  } catch {
    return { kind: 'malformed', fields: {} }
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
