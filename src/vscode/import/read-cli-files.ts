import type { Reading, Unread } from '../../import/content.ts'
import { cliClientId } from '../../import/formats/cli-config.ts'
import { readText } from '../../import/formats/read-text.ts'
import { maasConfigFileFormat, maasConfigFormat } from '../../node/import/maas-config.ts'
import type { StoreKey } from '../../store/store.ts'
import { isSetUpByFolder } from '../set-up-by-folder.ts'

/** What is needed of the editor's API to read the files of the CLI. */
export interface EditorFiles<Uri> {
  /** On another machine the files may be of the folder that is opened: their addresses are not looked at (★1). */
  readonly env?: { readonly remoteName: string | undefined }
  readonly workspace: {
    readonly fs: {
      /** As of `FileSystem`. */
      stat(uri: Uri): PromiseLike<{ readonly size: number; readonly mtime: number }>
      /** As of `FileSystem`. */
      readFile(uri: Uri): PromiseLike<Uint8Array>
    }
  }
  readonly Uri: {
    /** As of `Uri`. */
    file(path: string): Uri
    /** As of `Uri`. */
    joinPath(base: Uri, ...names: string[]): Uri
  }
}

/** What the old programs wrote has some kilobytes. */
const maximalBytes = 1024 * 1024

/**
 * Reads the files of the CLI through the editor: an extension in a web host has no file system of its own.
 * Their sessions are bound to the CLI's client (★14), so of these only an API key or an old JWT is taken.
 */
export async function readCliFiles<Uri>(
  { workspace, Uri: uris, env }: EditorFiles<Uri>,
  { home, key }: { readonly home: string; readonly key: StoreKey },
): Promise<{ readings: readonly Reading[]; unread: readonly Unread[] }> {
  const readings: Reading[] = []
  const unread: Unread[] = []
  const files = [
    { names: ['.maas.config'], format: maasConfigFileFormat(key) },
    { names: ['.maas', 'config.json'], format: maasConfigFormat(key) },
  ]
  for (const { names, format } of files) {
    const location = ['~', ...names].join('/')
    const uri = uris.joinPath(uris.file(home), ...names)
    try {
      const { size, mtime } = await workspace.fs.stat(uri)
      if (size > maximalBytes) {
        const message = 'It is larger than anything that these programs wrote.'
        unread.push({ location, code: 'too_large', message })
        continue
      }
      const text = new TextDecoder().decode(await workspace.fs.readFile(uri))
      const content = readText(text, [format])
      readings.push({
        place: 'file',
        location,
        modifiedAt: Math.floor(mtime),
        clientId: cliClientId,
        othersSession: true,
        ofFolder: isSetUpByFolder(env?.remoteName),
        content,
      })
    } catch (error) {
      if (isMissing(error)) continue
      unread.push({ location, code: 'unreadable', message: 'The editor could not read it.' })
    }
  }
  return { readings, unread }
}

/** The editor's own code for it (`FileSystemError.FileNotFound`). */
function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'FileNotFound'
}
