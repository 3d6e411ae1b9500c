import { describe, it } from 'vitest'
import { createPlatform } from '../../src/testing.ts'
import { wholeRun } from './whole-run.ts'

describe('the platform in process', () => {
  it.each(['roadmap', '2026'] as const)(
    'serves a whole life of a client (%s)',
    async (generation) => {
      await wholeRun(createPlatform({ generation }), generation)
    },
  )
})
