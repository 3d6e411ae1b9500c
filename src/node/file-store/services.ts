import { readFileSync } from 'node:fs'
import { type Fields, isFields, parseFields } from '../../json/fields.ts'

/**
 * The `services` block, read at once because a client is made synchronously. What cannot be read is
 * left to the store, which reports it.
 */
export function readServicesSync(path: string): Fields | undefined {
  try {
    const { services } = parseFields(readFileSync(path, 'utf8').trim())
    return isFields(services) ? services : undefined
  } catch {
    return undefined
  }
}
