import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryDirectory } from '../../support/directories.ts'
import { runProgram } from '../../support/program.ts'

it('keychainStore says what to install where @napi-rs/keyring is missing', async () => {
  const path = join(await temporaryDirectory(), '.maas.keychain')
  // The program lies in a temporary directory, where no package is to be found.
  const { lines, ended } = await runProgram(
    `import { createClient, keychainStore } from './node.ts'
     const store = keychainStore({ path: ${JSON.stringify(path)} })
     createClient({ store }).getSession().catch((error) => console.log(JSON.stringify(error)))`,
    {},
  )
  const { value = '{}' } = await lines.next()
  expect(JSON.parse(value)).toMatchObject({
    code: 'config_invalid',
    hint: expect.stringContaining('npm install @napi-rs/keyring'),
  })
  expect(await ended).toEqual({ code: 0, stderr: '' })
})
