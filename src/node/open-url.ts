import type { Env } from '../endpoints/resolve.ts'
import { isSecureUrl } from '../endpoints/url.ts'
import { AuthError } from '../errors/auth-error.ts'

const patienceMs = 1_000

/** Opens a page in the person's own browser. Resolves when that seems to have worked. */
export type OpenUrl = (url: string) => Promise<void>

/** The command that opens a URL: a program and its arguments, never a line for a shell. */
export interface OpenCommand {
  readonly file: string
  readonly args: readonly string[]
}

/** How each platform opens a URL with the default browser. */
export function openCommand(
  url: string,
  platform: NodeJS.Platform,
  { SystemRoot: systemRoot }: Env = process.env,
): OpenCommand {
  switch (platform) {
    case 'darwin':
      return { file: 'open', args: [url] }
    case 'win32':
      // Not `start`, which is a command of the shell and reads & and ^ in a URL as its own.
      // By its full path: Windows looks for a bare name in the working directory first.
      return {
        file: systemRoot === undefined ? 'rundll32' : `${systemRoot}\\System32\\rundll32.exe`,
        args: ['url.dll,FileProtocolHandler', url],
      }
    default:
      return { file: 'xdg-open', args: [url] }
  }
}

/**
 * Opens a URL in the default browser, without a shell. Only https, and http to this machine.
 *
 * @throws AuthError `config_invalid` for another kind of URL, or when there is no browser to open
 */
export async function openUrl(
  text: string,
  { platform = process.platform }: { platform?: NodeJS.Platform } = {},
): Promise<void> {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || !isSecureUrl(url)) {
    throw new AuthError('config_invalid', 'Only https pages are opened in a browser.')
  }
  // Serialised by URL, so that nothing in it can be read as an option or a second argument.
  const { file, args } = openCommand(url.href, platform)
  const { spawn } = await import('node:child_process')
  await new Promise<void>((resolve, reject) => {
    const child = spawn(file, args, {
      stdio: 'ignore',
      detached: true,
      shell: false,
      windowsHide: true,
    })
    const fail = (cause?: unknown) =>
      reject(
        new AuthError('config_invalid', `No browser could be opened (${file}).`, {
          cause,
          hint: 'Open the address by hand, or sign in on a machine with a browser.',
        }),
      )
    // An opener that finds no browser says so at once; one that found one may stay as long as it.
    const patience = setTimeout(resolve, patienceMs)
    child.once('error', fail)
    child.once('exit', (code) => (code === 0 ? resolve() : fail()))
    child.once('spawn', () => child.unref())
    child.once('close', () => clearTimeout(patience))
  })
}
