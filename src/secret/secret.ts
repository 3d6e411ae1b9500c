const printed = '[redacted]'

/**
 * A credential on its way through the library. It prints as `[redacted]` wherever it is logged,
 * serialised, interpolated or inspected; only {@link Secret.reveal} gives the text.
 */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** The credential itself, for a header, a request body or a store. */
  reveal(): string {
    return this.#value
  }

  equals(other: Secret | undefined): boolean {
    return other !== undefined && other.#value === this.#value
  }

  toString(): string {
    return printed
  }

  toJSON(): string {
    return printed
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return printed
  }
}
