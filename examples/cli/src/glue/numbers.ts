import { InvalidArgumentError } from 'commander'

/** @throws InvalidArgumentError */
export function count(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It is not a whole number.')
  return Number(text)
}

/** @throws InvalidArgumentError */
export function share(text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value >= 0 && value <= 1) return value
  throw new InvalidArgumentError('It is not a number from 0 to 1.')
}

/** For an option that may be repeated. @throws InvalidArgumentError */
export function addPort(text: string, before: readonly number[] = []): readonly number[] {
  const port = count(text)
  if (port > 65_535) throw new InvalidArgumentError('Ports end at 65535.')
  return [...before, port]
}

/** For an option that may be repeated. */
export function add(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text]
}
