import type { Fields } from '../../json/fields.ts'
import type { Problem } from '../content.ts'

/** Reads the fields of one object and notes those that are of another type than they should be. */
export class FieldsReader {
  readonly problems: Problem[] = []
  readonly #fields: Fields

  constructor(fields: Fields) {
    this.#fields = fields
  }

  /** A text without the white space around it; absent, `null` and empty are the same. */
  text(name: string): string | undefined {
    const value = this.#fields[name]
    if (value === undefined || value === null) return undefined
    if (typeof value === 'string') return value.trim() || undefined
    this.problems.push({ code: 'damaged', message: `The field ${name} is not a text.` })
    return undefined
  }
}
