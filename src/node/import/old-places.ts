import { join } from 'node:path'
import { cliClientId } from '../../import/formats/cli-config.ts'

/** How the content of an old file is to be read. */
type FileForm = 'json' | 'key' | 'encrypted-tokens' | 'encrypted-key'

/** A file in which an old program kept credentials. */
export interface OldFile {
  readonly path: string
  readonly form: FileForm
  /** The OAuth client of the one program that keeps it, which the content need not name (★14). */
  readonly clientId?: string
}

/** The old files, the most trusted first: among keys, and tokens that are as good, the order decides. */
export function oldFiles(home: string): readonly OldFile[] {
  const file = (form: FileForm, ...names: string[]) => ({ path: join(home, ...names), form })
  return [
    { ...file('json', '.maas.config'), clientId: cliClientId },
    { ...file('json', '.maas', 'config.json'), clientId: cliClientId },
    file('encrypted-tokens', '.lanonasis', 'mcp-tokens.enc'),
    file('encrypted-key', '.lanonasis', 'api-key.enc'),
    file('json', '.lanonasis', 'credentials.json'),
    file('json', '.onasis', 'config.json'),
    // Of the first versions of the key storage, which took it away when it found it.
    file('key', '.lanonasis', 'api-key.txt'),
  ]
}

/** The keychain entries of `@lanonasis/oauth-client`. */
export const keychainService = 'lanonasis-mcp'
export const keychainAccounts = ['tokens', 'lanonasis_api_key'] as const

/**
 * Whether a name beside an old file is that of a copy of it: `config.json.bak`, `config.json~`,
 * `config.json.tmp.<id>`, and the old CLI's `config.backup.<time>.json`.
 */
export function isCopy(name: string, original: string): boolean {
  const [, stem = original, extension = ''] = /^(\.?[^.]+)(\..+)?$/.exec(original) ?? []
  const isBackup = name.startsWith(`${stem}.backup.`) && name.endsWith(extension)
  return name !== original && (name.startsWith(original) || isBackup)
}
