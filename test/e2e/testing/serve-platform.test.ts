import { describe, expect, it } from 'vitest'
import { servePlatform } from '../../../src/testing-node.ts'
import { wholeRun } from '../../testing/whole-run.ts'

describe('the platform on sockets', () => {
  it.each(['roadmap', '2026'] as const)(
    'serves a whole life of a client (%s)',
    async (generation) => {
      await using platform = await servePlatform({ generation })
      await wholeRun(platform, generation)
    },
  )
})
