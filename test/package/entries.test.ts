import { fileURLToPath } from 'node:url'
import { describe, expect, inject, it } from 'vitest'
import { packageName, readEntries } from '../tools/package.mjs'
import { runOrThrow } from '../tools/process.mjs'

const consumer = inject('consumer')
const formats = ['esm', 'cjs'] as const
const entries = Object.keys(await readEntries())
const hostWithoutModules = fileURLToPath(new URL('host-without-modules.cjs', import.meta.url))

/** Runs a script in the consumer's project; `load` imports or requires there. */
async function evaluate(format: (typeof formats)[number], script: string): Promise<unknown> {
  const load = { esm: '(name) => import(name)', cjs: 'async (name) => require(name)' }[format]
  const type = { esm: 'module', cjs: 'commonjs' }[format]
  const code = `const load = ${load}
    const main = async () => { ${script} }
    main().then((result) => console.log(JSON.stringify(result)))`
  const output = await runOrThrow('node', [`--input-type=${type}`, '--eval', code], {
    cwd: consumer,
  })
  return JSON.parse(output)
}

describe.each(entries)('%s', (entry) => {
  it('exports the same by import and by require', async () => {
    const names = `return Object.keys(await load('${entry}')).sort()`
    const [imported, required] = await Promise.all([evaluate('esm', names), evaluate('cjs', names)])
    expect(imported).not.toEqual([])
    expect(required).toEqual(imported)
  })
})

describe.each(formats)('the entries as %s', (format) => {
  it('make clients and errors of the same classes', async () => {
    const script = `
      const { AuthError, LanonasisClient, memoryStore } = await load('${packageName}')
      const { createClient } = await load('${packageName}/node')
      const client = createClient({ env: {}, store: memoryStore() })
      try {
        createClient({ env: {}, apiKey: 'pk_only' })
      } catch (error) {
        return [client instanceof LanonasisClient, error instanceof AuthError, error.code]
      }`
    expect(await evaluate(format, script)).toEqual([true, true, 'api_key_incomplete'])
  })
})

describe('a host of CommonJS that knows no import(), as Jest is', () => {
  it('reaches what is loaded on first use', async () => {
    const output = await runOrThrow('node', [hostWithoutModules, packageName], { cwd: consumer })
    expect(JSON.parse(output)).toEqual({ items: 0, importFails: true })
  })
})
