/** A JSON object whose fields are not known yet. */
export type Fields = Readonly<Record<string, unknown>>

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value as an object; an empty one when it is something else. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {}
}

/** The value as a text, though it may be empty. */
export function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** The value as a text that says something. */
export function textOf(value: unknown): string | undefined {
  return stringOf(value) || undefined
}

export function booleanOf(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined
}

/** The value as a number from 0 to `most`; never NaN, and not the infinity that JSON's `1e999` is. */
export function numberOf(value: unknown, most = Number.MAX_VALUE): number | undefined {
  return typeof value === 'number' && value >= 0 && value <= most ? value : undefined
}

/** A text parsed as a JSON object; an empty one when it is something else. */
export function parseFields(text: string): Fields {
  try {
    return fieldsOf(JSON.parse(text))
  } catch {
    return {}
  }
}
