import { expect, it } from 'vitest'
import { jsonOf, machine } from './machine.ts'

const refused = { match: 'POST /auth/api-keys/*/revoke', action: { status: 403 } } as const

async function withKeys() {
  const here = await machine()
  await here.signedIn()
  await here.run('key create my-laptop')
  await here.run('key create other --print')
  const [own, other] = here.platform.apiKeys
  return { ...here, own: own?.id ?? '', other: other?.id ?? '' }
}

it('says that the old key is revoked, where it is', async () => {
  const { run, own } = await withKeys()
  expect(jsonOf(await run('key rotate --json'))).toMatchObject({
    created: true,
    replaced: { id: own, revoked: true },
  })
  const { code, stdout } = await run('key rotate')
  expect(code).toBe(0)
  expect(stdout).toContain('the old one is revoked')
})

it('says that the old key is alive when the service does not revoke it', async () => {
  const { run, own, platform } = await withKeys()
  platform.order(refused)
  const ended = await run('key rotate')
  expect(ended.code).toBe(4)
  expect(ended.stdout).toContain('is in use.')
  expect(ended.stdout).not.toContain('revoked')
  expect(ended.stderr).toContain(`may still work: lanonasis key revoke ${own}`)
  const next = await run('key rotate --json')
  expect(next.code).toBe(4)
  expect(jsonOf(next)).toMatchObject({ replaced: { revoked: false, error: { code: 'forbidden' } } })
})

it('says so of a key that it prints, beside one JSON value', async () => {
  const { run, other, platform } = await withKeys()
  platform.order(refused)
  const ended = await run(`key rotate ${other} --print --json`)
  expect(ended.code).toBe(4)
  expect(jsonOf(ended)).toMatchObject({ key: expect.stringMatching(/./) })
  expect(ended.stderr).toContain(`may still work: lanonasis key revoke ${other}`)
})

it('does not rotate the key in use for somebody who wants the new one printed', async () => {
  const { run, own, platform } = await withKeys()
  for (const line of ['key rotate --print', `key rotate ${own} --print`]) {
    const ended = await run(line)
    expect(ended).toMatchObject({ code: 2, stdout: '' })
    expect(ended.stderr).toContain('leave out --print')
  }
  expect(platform.apiKeys).toMatchObject([{ active: true }, { active: true }])
})

it('does not bring back a key that is revoked', async () => {
  const { run, other, platform } = await withKeys()
  await run(`key revoke ${other} --yes`)
  expect(await run(`key rotate ${other} --print`)).toMatchObject({ code: 2, stdout: '' })
  expect(platform.apiKeys).toHaveLength(2)
})

it('says that there may be a key when the answer got lost', async () => {
  const { run, platform } = await withKeys()
  platform.order({ match: 'POST /auth/api-keys', times: 1, action: 'lose-answer' })
  const { code, stderr } = await run('key create more --print')
  expect(code).toBe(7)
  expect(stderr).toContain('There may be a key now that nobody has')
})

it('repeats no key that was given in the place of an id', async () => {
  const { run, platform } = await withKeys()
  const key = 'pk_public.sk_canary'
  platform.requests.length = 0
  for (const line of [`key revoke ${key}`, `memory delete ${key} --yes`, `memory get ${key}`]) {
    const { code, stdout, stderr } = await run(line)
    expect(code).toBe(2)
    expect(stdout + stderr).not.toContain('canary')
  }
  expect(platform.requests).toEqual([])
})
