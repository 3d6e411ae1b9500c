import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from './tools/paths.mjs'
import { linesOf, sharedRuns } from './tools/shared-lines.mjs'

const notOurs = /(^|\/)(node_modules|dist)(\/|$)/

async function sources(folder: string) {
  const names = await readdir(join(root, folder), { recursive: true })
  const paths = names.filter((name) => /\.(ts|tsx|mjs|js)$/.test(name) && !notOurs.test(name))
  return Promise.all(
    paths.map(async (name) => {
      const path = `${folder}/${name}`
      return { path, text: await readFile(join(root, path), 'utf8') }
    }),
  )
}

it('the examples share no run of six lines with the library, not even by their shape', async () => {
  const [examples, library] = await Promise.all([sources('examples'), sources('src')])
  expect(examples.length).toBeGreaterThan(60)
  expect(library.length).toBeGreaterThan(300)
  expect(sharedRuns(examples, library)).toEqual([])
})

describe('a copy', () => {
  const original = {
    path: 'src/redact.ts',
    text: `import { shorten } from './shorten.ts'

// What tokens are made of.
const credentialLike = /[\\w~+/=.-]{20,}/g
const maximalLength = 200

export function redact(text: string): string {
  const line = text
    .replace(unprintable, ' ')
    .replace(credentialLike, '[redacted]')
  return line.length > maximalLength ? shorten(line, { to: maximalLength }) : line
}
`,
  }
  const copied = (change: (text: string) => string) =>
    sharedRuns([{ path: 'examples/text.ts', text: change(original.text) }], [original])

  it('is found, where it is and how long', () => {
    expect(copied((text) => `const own = 1\n\n${text}`)).toEqual([
      { here: 'examples/text.ts:6', there: 'src/redact.ts:4', lines: 7 },
    ])
  })

  it.each<[string, (text: string) => string]>([
    [
      'names, strings and numbers',
      (text) =>
        text
          .replaceAll(/credentialLike|unprintable|line|maximalLength/g, (name) => `my${name}`)
          .replace("'[redacted]'", '`…`')
          .replace('200', '80'),
    ],
    ['another pattern', (text) => text.replace(/\/\[.*\/g/, "/'[a-z]/u")],
    [
      'other comments, imports and white space',
      (text) =>
        text
          .replace('// What', '/* All\n * that */\n// what')
          .replace('import {', 'import {\n  other,')
          .replaceAll('  ', '    ')
          .replaceAll('\n', '\n\n'),
    ],
  ])('is found with %s', (_what, change) => {
    expect(copied(change)).toMatchObject([{ there: 'src/redact.ts:4', lines: 7 }])
  })

  it('is not what does the same in another way', () => {
    expect(
      copied((text) => text.replace('    .replace(unprintable', '    .trim(unprintable, 2')),
    ).toEqual([])
    expect(copied((text) => text.replace('export function', 'function'))).toEqual([])
  })

  it('is not a list: it is made of the same line again and again', () => {
    const list = { path: 'list.ts', text: `const names = [\n${"  'a',\n".repeat(20)}]\n` }
    expect(sharedRuns([list], [list])).toEqual([])
  })
})

it('lines are told by what they say', () => {
  const text = "import x from 'y'\n// note\nif (a) {\n  call('it')\n}\n/* a\n b */ const n = 7\n"
  expect(linesOf(text)).toEqual([
    { number: 3, shape: 'if ( N ) {' },
    { number: 4, shape: 'N ( S )' },
    { number: 7, shape: 'const N = 0' },
  ])
})
