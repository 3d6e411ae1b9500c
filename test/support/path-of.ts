import type { TestContext } from 'vitest'
import type { Program } from '../tools/programs.mjs'

/**
 * Where a program is. One that this machine could have and has not is a failure; where it cannot be
 * installed, the test is skipped, and named in the end with the reason.
 */
export function pathOf(program: Program, { skip }: Pick<TestContext, 'skip'>): string {
  if ('path' in program) return program.path
  if (program.refused) throw new Error(program.missing)
  return skip(program.missing)
}
