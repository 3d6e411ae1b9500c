import type { Stats } from 'node:fs'

/** Who may read and write a file; Windows does not say it this way. */
export function permissionsOf({ mode }: Pick<Stats, 'mode'>): number | undefined {
  return process.platform === 'win32' ? undefined : mode & 0o777
}

/** As people know it from `chmod`: `0644`. */
export function modeText(mode: number | undefined): string | undefined {
  return mode === undefined ? undefined : `0${mode.toString(8).padStart(3, '0')}`
}
