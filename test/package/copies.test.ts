import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { packageName } from '../tools/package.mjs'
import { runOrThrow } from '../tools/process.mjs'

const consumer = inject('consumer')
const formats = ['esm', 'cjs'] as const

/** A dependency of the program's, with a later version of the package for itself, which has one more code. */
beforeAll(async () => {
  const nested = join(consumer, 'node_modules/a-dependency')
  const copy = join(nested, 'node_modules', packageName)
  await mkdir(nested, { recursive: true })
  await cp(inject('installed'), copy, { recursive: true })
  const manifest = JSON.parse(await readFile(join(copy, 'package.json'), 'utf8'))
  await writeFile(join(copy, 'package.json'), JSON.stringify({ ...manifest, version: '0.2.0' }))
  expect(await addCode(copy, newCode)).toBe(formats.length)
  await writeFile(join(nested, 'package.json'), JSON.stringify({ version: '1.0.0' }))
  await writeFile(join(nested, 'esm.mjs'), `export * from '${packageName}'`)
  await writeFile(join(nested, 'cjs.cjs'), `module.exports = require('${packageName}')`)
})

const newCode = 'of_next_year'

/** @returns to how many files */
async function addCode(copy: string, code: string): Promise<number> {
  const dist = join(copy, 'dist')
  const names = await readdir(dist, { recursive: true })
  const added = names
    .filter((name) => /\.c?js$/.test(name))
    .map(async (name) => {
      const text = await readFile(join(dist, name), 'utf8')
      const more = text.replace(
        /(?=login_required:\s*{)/,
        `${code}:{retryable:false,hint:'Wait.'},`,
      )
      if (more !== text) await writeFile(join(dist, name), more)
      return more !== text
    })
  return (await Promise.all(added)).filter(Boolean).length
}

/** Makes an error with one copy, and looks at it with another. */
async function judge(thrower: string, judge: string): Promise<unknown> {
  const code = `
    import { createRequire } from 'node:module'
    const require = createRequire(process.cwd() + '/program.mjs')
    const load = { esm: (name) => import(name), cjs: (name) => require(name) }
    const find = (place) => {
      const [whose, format] = place.split(' ')
      const file = 'a-dependency/' + (format === 'esm' ? 'esm.mjs' : 'cjs.cjs')
      return load[format](whose === 'own' ? '${packageName}' : file)
    }
    const [, thrower, judge] = process.argv
    const [a, b] = [await find(thrower), await find(judge)]
    const client = new a.LanonasisClient({ clientId: 'a-program', env: {}, store: a.memoryStore() })
    const rejected = await client.getAccessToken().catch((error) => error)
    const newer = thrower.startsWith('dependency') ? new a.AuthError('${newCode}', 'Something new.') : rejected
    console.log(JSON.stringify({
      isSameClass: rejected instanceof b.AuthError,
      isOne: b.isAuthError(rejected),
      isNewerOne: b.isAuthError(newer),
      isOfCode: b.isAuthError(rejected, 'login_required'),
      isOfAnother: b.isAuthError(rejected, 'session_expired'),
      isAnyError: b.isAuthError(Object.assign(new Error('Another program has codes, too.'), { code: 'login_required' })),
    }))`
  const args = ['--input-type=module', '--eval', code, thrower, judge]
  return JSON.parse(await runOrThrow(process.execPath, args, { cwd: consumer }))
}

const places = formats.flatMap((format) => [`own ${format}`, `dependency's ${format}`])
const pairs = places.flatMap((thrower) =>
  places.filter((judge) => judge !== thrower).map((judge) => [thrower, judge] as const),
)

describe('isAuthError knows an error of another copy of the package, by its code, and of a newer one', () => {
  it.each(pairs)('thrown by: %s, looked at by: %s', async (thrower, other) => {
    expect(await judge(thrower, other)).toEqual({
      isSameClass: false,
      isOne: true,
      isNewerOne: true,
      isOfCode: true,
      isOfAnother: false,
      isAnyError: false,
    })
  })
})
