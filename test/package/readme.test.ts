import { describe, expect, it } from 'vitest'
import { readmeProjects } from '../tools/readme.mjs'

const projects = await readmeProjects()

it('the README has a quick start for each environment; test/projects makes these and runs them', () => {
  expect([...projects].map(([name, files]) => [name, files.map(({ path }) => path)])).toEqual([
    ['my-cli', ['src/remember.ts']],
    ['my-page', ['index.html', 'src/page.ts', 'vite.config.js']],
    ['my-extension', ['src/extension.ts', 'package.json']],
    ['my-next-app', ['app/page.tsx', 'app/memories.tsx']],
    ['my-worker', ['src/worker.ts']],
  ])
})

describe('a program that signs in and calls has 20 lines', () => {
  it.each(['my-cli', 'my-page', 'my-extension', 'my-worker'])('%s', (name) => {
    const programs = (projects.get(name) ?? []).filter(({ path }) => path.endsWith('.ts'))
    const code = programs.flatMap(({ text }) => text.split('\n').filter(isCode))
    expect(code.join('\n')).toContain('lanonasis.memory.')
    expect(code.length).toBeLessThanOrEqual(20)
  })
})

/** Imports and closing brackets are, too. */
const isCode = (line: string) => !/^\s*(\/[/*].*)?$/.test(line)
