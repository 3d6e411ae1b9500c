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

  /** Whether both are the same credential. */
  equals(other: Secret | undefined): boolean {
    return other !== undefined && other.#value === this.#value
  }

  /** `[redacted]` */
  toString(): string {
    return printed
  }

  /** `[redacted]` */
  toJSON(): string {
    return printed
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return printed
  }
}
