import { existsSync, readFileSync } from 'node:fs'
import type { Env } from '../../endpoints/resolve.ts'

/** What is looked at to find out where a program runs. Passed in, so that any machine can be described. */
export interface Facts {
  readonly env: Env
  readonly platform: NodeJS.Platform
  /** Whether there is such a file. */
  readonly exists: (path: string) => boolean
  /** The text of a small file; empty when it cannot be read. */
  readonly read: (path: string) => string
}

/** The facts of this process. */
export function ownFacts(): Facts {
  return {
    env: process.env,
    platform: process.platform,
    exists: existsSync,
    read: (path) => {
      try {
        return readFileSync(path, 'utf8')
      } catch {
        return ''
      }
    },
  }
}
