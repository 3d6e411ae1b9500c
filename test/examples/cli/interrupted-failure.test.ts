import { expect, it, onTestFinished, vi } from 'vitest'
import { reportFailure } from '../../../examples/cli/src/glue/failure.ts'
import { interruption } from '../../../examples/cli/src/glue/interruption.ts'
import { AuthError } from '../../../src/index.ts'

it('names a key that is left, also after the Ctrl-C that waited for it', async () => {
  const said: unknown[] = []
  const write = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said.push(text)
    return true
  })
  onTestFinished(() => write.mockRestore())
  const hint = 'Revoke the key key_9: nobody uses it.'
  const leftOver = new AuthError('api_key_left_over', 'key_9 is alive.', { hint })
  interruption.interrupt()
  expect(await reportFailure(leftOver, { json: false })).toBe(130)
  expect(said.join('')).toContain(hint)
  await reportFailure(new AuthError('network_error', 'cut off'), { json: false })
  expect(said.at(-1)).toContain('(aborted)')
})
