import type { Env } from '../endpoints/resolve.ts'
import { isSecureUrl } from '../endpoints/url.ts'
import { AuthError } from '../errors/auth-error.ts'

const patienceMs = 1_000

/** A command that opens a URL: a program and its arguments, never a line for a shell. */
export interface OpenCommand {
  readonly file: string
  readonly args: readonly string[]
}

/** Whose browser is to be opened. */
export interface Opener {
  /** As `process.platform` says it. */
  readonly platform: NodeJS.Platform
  /** Linux inside of Windows: the browser is that of Windows. */
  readonly wsl?: boolean | undefined
  /** In which the surroundings are looked for; default: that of the process. */
  readonly env?: Env | undefined
}

/** How each platform opens a URL with the default browser; of several commands the first that exists. */
export function openCommands(
  url: string,
  { platform, wsl = false, env = process.env }: Opener,
): readonly OpenCommand[] {
  if (platform === 'darwin') return [{ file: 'open', args: [url] }]
  // Not `start`, which is a command of the shell and reads & and ^ in a URL as its own; and not
  // explorer, which shows a folder when it cannot make anything of an address.
  const windows = ['url.dll,FileProtocolHandler', url]
  if (platform === 'win32') {
    // By its full path: Windows looks for a bare name in the working directory first.
    const { SystemRoot: root } = env
    const file = root === undefined ? 'rundll32' : `${root}\\System32\\rundll32.exe`
    return [{ file, args: windows }]
  }
  const linux = { file: 'xdg-open', args: [url] }
  if (!wsl) return [linux]
  return [
    { file: '/mnt/c/Windows/System32/rundll32.exe', args: windows },
    // Windows is mounted elsewhere: its PATH is a part of ours. wslview is of the package wslu.
    { file: 'rundll32.exe', args: windows },
    { file: 'wslview', args: [url] },
    linux,
  ]
}

/** What `openUrl` does. */
export async function openInBrowser(text: string, opener?: Opener): Promise<void> {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || !isSecureUrl(url)) {
    throw new AuthError('config_invalid', 'Only https pages are opened in a browser.')
  }
  // Serialised by URL, so that nothing in it can be read as an option or a second argument.
  const commands = openCommands(url.href, opener ?? (await thisMachine()))
  let cause: unknown
  for (const command of commands) {
    try {
      return await start(command)
    } catch (error) {
      cause = error
      if (!isMissing(error)) break
    }
  }
  const names = commands.map(({ file }) => file).join(', ')
  throw new AuthError('config_invalid', `No browser could be opened (${names}).`, {
    cause,
    hint: 'Open the address by hand, or sign in on a machine with a browser.',
  })
}

async function thisMachine(): Promise<Opener> {
  const { ownSurroundings } = await import('./surroundings/own.ts')
  return { platform: process.platform, wsl: ownSurroundings().wsl }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

/** Rejects when there is no such program, or it says that it found no browser. */
async function start({ file, args }: OpenCommand): Promise<void> {
  const { spawn } = await import('node:child_process')
  await new Promise<void>((resolve, reject) => {
    const child = spawn(file, args, {
      stdio: 'ignore',
      detached: true,
      shell: false,
      windowsHide: true,
    })
    // An opener that finds no browser says so at once; one that found one may stay as long as it.
    const patience = setTimeout(resolve, patienceMs)
    child.once('error', reject)
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`exit ${code}`))))
    child.once('spawn', () => child.unref())
    child.once('close', () => clearTimeout(patience))
  })
}
