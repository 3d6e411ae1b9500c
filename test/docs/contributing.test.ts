import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../tools/paths.mjs'
import { suites } from '../tools/suites.mjs'

const text = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')
const { scripts }: { scripts: Record<string, string> } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
)
const found = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, what = '']) => what)

describe('CONTRIBUTING.md', () => {
  it('names files and folders that are there', () => {
    const named = [
      ...found(/`((?:src|test|docs|examples)\/[\w./-]*)`/g),
      ...found(/\]\(([\w./-]+)\)/g),
    ]
    expect(named.length).toBeGreaterThan(50)
    expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })

  it('has a line for every folder of src', () => {
    const folders = readdirSync(join(root, 'src'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `src/${name}/`)
    expect(folders.filter((folder) => !text.includes(`\`${folder}\``))).toEqual([])
  })

  it('names commands and suites that there are, and every suite', () => {
    const commands = [...found(/`npm run ([\w:]+)/g), ...found(/`npm (test)`/g)]
    expect(commands.length).toBeGreaterThan(8)
    expect(commands.filter((name) => scripts[name] === undefined)).toEqual([])
    const named = Object.keys(suites.tests).filter((name) => text.includes(`\`${name}\``))
    expect(named).toEqual(Object.keys(suites.tests))
  })

  it('names what the code has', () => {
    const files = {
      'src/store/store.ts': ['TokenStore', 'read(', 'commit(', 'describe()', 'watch?', 'destroy?'],
      'src/store/account-json.ts': ['writeAccount', 'readAccount'],
      'src/login/flow.ts': ['LoginFlow', 'canRun', 'LoginPrompt', 'authorize', 'device'],
      'src/mcp/transport/create-transport.ts': ['openers'],
      'src/mcp/transport/options.ts': ['McpTransportOptions'],
      'src/mcp/web-socket.ts': ['WebSockets'],
    }
    for (const [path, names] of Object.entries(files)) {
      expect(text).toContain(path)
      const code = readFileSync(join(root, path), 'utf8')
      expect(names.filter((name) => !code.includes(name))).toEqual([])
    }
  })
})
