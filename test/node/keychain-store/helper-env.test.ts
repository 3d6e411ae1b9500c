import { expect, it } from 'vitest'
import { helperEnv } from '../../../src/node/keychain-store/helper-env.ts'

it('gives a helper what it needs to find the session and its bus, and nothing else', () => {
  const needed = {
    PATH: '/bin',
    HOME: '/home/ada',
    DBUS_SESSION_BUS_ADDRESS: 'unix:path=/run/bus',
    XDG_RUNTIME_DIR: '/run',
    SystemRoot: 'C:\\Windows',
    AppData: 'C:\\Users',
  }
  const others = { LANONASIS_API_KEY: 'pk_1.sk_2', NODE_OPTIONS: '--inspect', AWS_SECRET: 'x' }
  expect(helperEnv({ ...needed, ...others })).toEqual(needed)
})
