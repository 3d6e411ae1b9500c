import { type Content, nothing, type Reading, type Unread } from '../../import/content.ts'
import { decipherBase64 } from '../../import/decipher.ts'
import { readKeyText, readText } from '../../import/formats/read-text.ts'
import type { OldStorage } from './import-credentials.ts'

/** An entry of the old package, and the one with the passphrase that it is encrypted with. */
interface OldEntry {
  readonly name: string
  readonly passphrase: string | undefined
  readonly salt: string
  readonly read: (text: string) => Content
}

const entries: readonly OldEntry[] = [
  {
    name: 'lanonasis_mcp_tokens',
    passphrase: 'lanonasis_web_token_enc_key',
    salt: 'lanonasis-token-salt',
    read: (text) => readText(text),
  },
  {
    name: 'lanonasis_api_key',
    passphrase: 'lanonasis_web_enc_key',
    salt: 'lanonasis-api-key-salt',
    read: readKeyText,
  },
  { name: 'lanonasis_legacy_api_key', passphrase: undefined, salt: '', read: readKeyText },
]

/** What a page's storage holds of the old package. */
export interface OldEntries {
  readonly readings: readonly Reading[]
  readonly unread: readonly Unread[]
  /** Removes an entry and its passphrase, unless somebody has written it meanwhile or the browser refuses. */
  readonly remove: (location: string) => 'removed' | 'changed' | 'refused'
}

/** Reads the old entries of a page; one whose storage is closed to it is told of, too. */
export async function readLocalStorage(given: OldStorage | undefined): Promise<OldEntries> {
  const readings: Reading[] = []
  const texts = new Map<string, string>()
  try {
    const storage = given ?? globalThis.localStorage
    for (const entry of entries) {
      const text = storage.getItem(entry.name)
      if (text === null || text === '') continue
      const content = await contentOf(text, entry, storage)
      readings.push({ place: 'local-storage', location: entry.name, content })
      texts.set(entry.name, text)
    }
    const remove = (location: string) => {
      const { passphrase } = entries.find(({ name }) => name === location) ?? {}
      try {
        if (storage.getItem(location) !== texts.get(location)) return 'changed'
        storage.removeItem(location)
        if (passphrase !== undefined) storage.removeItem(passphrase)
        return 'removed'
      } catch {
        return 'refused'
      }
    }
    return { readings, unread: [], remove }
  } catch {
    // A sandboxed frame, or a browser that is told to keep nothing.
    const message = 'This page may not read its localStorage.'
    const unread: Unread = { location: 'localStorage', code: 'unreadable', message }
    return { readings, unread: [unread], remove: () => 'refused' }
  }
}

/**
 * The old package wrote the same in three ways: as plain text, in base64 where there was no Web Crypto, and
 * encrypted with a passphrase beside it.
 */
async function contentOf(text: string, entry: OldEntry, storage: OldStorage): Promise<Content> {
  const { passphrase, salt, read } = entry
  const bytes = passphrase === undefined ? undefined : fromBase64(text)
  if (passphrase === undefined || bytes === undefined) return read(text)
  const secret = storage.getItem(passphrase)
  const plain =
    secret === null ? undefined : await decipherBase64(bytes, { passphrase: secret, salt })
  if (plain !== undefined) return read(plain)
  const decoded = readText(new TextDecoder().decode(bytes))
  return decoded.problems.length === 0 && decoded.items.length > 0
    ? decoded
    : { ...nothing, problems: [notDecryptable] }
}

const notDecryptable = {
  code: 'not_decryptable',
  message: 'It cannot be decrypted: its passphrase is missing, or it is damaged.',
} as const

function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text.trim()), (character) => character.charCodeAt(0))
  } catch {
    return undefined
  }
}
