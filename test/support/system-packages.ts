import type { TestContext } from 'vitest'
import { ensureSystemProgram } from '../tools/programs.mjs'

/** A program of the system, and Debian's package that has it. */
export interface SystemProgram {
  readonly name: string
  readonly package: string
}

/**
 * Makes sure of programs of the system; they are installed with apt where that is possible.
 *
 * @returns to be called before each test: it skips the test where one is missing, with the reason
 */
export async function requirePrograms(
  ...wanted: readonly SystemProgram[]
): Promise<(context: TestContext) => void> {
  const missing: string[] = []
  for (const { name, package: debianPackage } of wanted) {
    const program = await ensureSystemProgram({ names: [name], package: debianPackage })
    if ('missing' in program) missing.push(program.missing)
  }
  return (context) => {
    if (missing.length > 0) context.skip(missing.join(' '))
  }
}
