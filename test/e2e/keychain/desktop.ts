import { afterAll, beforeAll, beforeEach, vi } from 'vitest'
import { type Desktop, obstacleToKeyring, startDesktop } from './session-bus.ts'

/** A desktop for the tests of a file, whose variables this process has as well; without one they are skipped. */
export function useDesktop(): { readonly desktop: Desktop } {
  let started: Desktop | undefined
  let obstacle: string | undefined

  beforeAll(async () => {
    obstacle = await obstacleToKeyring()
    if (obstacle === undefined) started = await startDesktop()
  }, 300_000)

  afterAll(async () => {
    vi.unstubAllEnvs()
    await started?.end()
  })

  beforeEach(({ skip }) => {
    if (obstacle !== undefined) skip(obstacle)
    for (const [name, value] of Object.entries(started?.env ?? {})) vi.stubEnv(name, value)
  })

  return {
    get desktop() {
      if (started === undefined) throw new Error('There is no desktop.')
      return started
    },
  }
}
