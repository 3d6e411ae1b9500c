import { describe, expect, it } from 'vitest'
import type { LoginContext, LoginFlow } from '../../src/login/flow.ts'
import { runLogin } from '../../src/login/run-login.ts'
import { failure } from '../support/async.ts'
import { tokensOf } from '../support/oauth.ts'

const context = {} as LoginContext
const grant = tokensOf('access')

function flow(name: string, reason?: string): LoginFlow & { runs: number } {
  return {
    name,
    runs: 0,
    canRun: async () => (reason === undefined ? { ok: true } : { ok: false, reason }),
    async run() {
      this.runs += 1
      return grant
    },
  }
}

describe('runLogin', () => {
  it('runs the first flow that can, and no other', async () => {
    const flows = [flow('one', 'no browser'), flow('two'), flow('three')]
    expect(await runLogin(flows, context)).toBe(grant)
    expect(flows.map(({ runs }) => runs)).toEqual([0, 1, 0])
  })

  it('says of each flow why it cannot run', async () => {
    const flows = [flow('loopback', 'no browser here'), flow('device', 'nobody to show a code')]
    expect(await failure(runLogin(flows, context))).toMatchObject({
      code: 'config_invalid',
      message:
        'No login flow can run here (loopback: no browser here; device: nobody to show a code).',
      hint: expect.stringContaining('one of the reasons'),
    })
  })

  it('says that there is none', async () => {
    expect(await failure(runLogin([], context))).toMatchObject({
      code: 'config_invalid',
      message: 'This client has no login flow.',
      hint: expect.stringContaining('Pass a flow as login'),
    })
  })

  it('does not turn to the next flow when one has failed', async () => {
    const failing = { ...flow('one'), run: () => Promise.reject(new Error('declined')) }
    const next = flow('two')
    expect(await failure(runLogin([failing, next], context))).toMatchObject({ message: 'declined' })
    expect(next.runs).toBe(0)
  })
})
