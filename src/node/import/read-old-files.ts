import { join } from 'node:path'
import type { Content, Reading, Unread } from '../../import/content.ts'
import { nothing } from '../../import/content.ts'
import { decipherHex } from '../../import/decipher.ts'
import { readKeyText, readText } from '../../import/formats/read-text.ts'
import type { StoreKey } from '../../store/store.ts'
import { maasConfigFileFormat, maasConfigFormat } from './maas-config.ts'
import { machinePassphrase } from './machine.ts'
import { type OldFile, oldFiles } from './old-places.ts'
import { modeText } from './permissions.ts'
import { type OldText, readOldFile } from './read-old-file.ts'

/** How the two encrypted files are salted. */
const salts = {
  'encrypted-tokens': 'lanonasis-mcp-oauth-2024',
  'encrypted-key': 'lanonasis-mcp-api-key-2024',
} as const

/** A file that was read, and what was in it at that moment. */
export interface ReadFile {
  readonly reading: Reading
  readonly old: OldText
}

export interface OldFilesOptions {
  readonly home: string
  readonly key: StoreKey
  /** The file that the client's own store is on, which is no old place. */
  readonly inUse: string | undefined
}

/** Reads all old files of a home. */
export async function readOldFiles({
  home,
  key,
  inUse,
}: OldFilesOptions): Promise<{ files: readonly ReadFile[]; unread: readonly Unread[] }> {
  const used = inUse === undefined ? undefined : await readOldFile(inUse)
  const isUsed = (path: string, old: OldText) =>
    path === inUse || (used !== undefined && 'identity' in used && used.identity === old.identity)
  const files: ReadFile[] = []
  const unread: Unread[] = []
  for (const file of oldFiles(home)) {
    const { path } = file
    if (path === inUse) continue
    const old = await readOldFile(path)
    if (old === undefined) continue
    if (!('text' in old)) unread.push(old)
    else if (!isUsed(path, old)) {
      const content = await contentOf(file, { text: old.text, home, key })
      files.push({ old, reading: toReading(file, old, content) })
    }
  }
  return { files, unread }
}

async function contentOf(
  { path, form }: OldFile,
  { text, home, key }: { text: string; home: string; key: StoreKey },
): Promise<Content> {
  switch (form) {
    case 'json': {
      const isMaasConfig = path === join(home, '.maas.config')
      return readText(text, [isMaasConfig ? maasConfigFileFormat(key) : maasConfigFormat(key)])
    }
    case 'key':
      return readKeyText(text)
    case 'encrypted-tokens':
    case 'encrypted-key': {
      const plain = await decipherHex(text, {
        passphrase: machinePassphrase(),
        salt: salts[form],
      })
      if (plain === undefined) return { ...nothing, problems: [notDecryptable] }
      return form === 'encrypted-key' ? readKeyText(plain) : readText(plain)
    }
  }
}

const notDecryptable = {
  code: 'not_decryptable',
  message:
    'It cannot be decrypted: it was made on another machine or by another user, or is damaged.',
} as const

function toReading(
  { path, clientId }: OldFile,
  { mode, modifiedAt }: OldText,
  content: Content,
): Reading {
  return { place: 'file', location: path, mode: modeText(mode), modifiedAt, clientId, content }
}
