import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../tools/paths.mjs'
import { readmeProjects } from '../tools/readme.mjs'

const projects = await readmeProjects()

describe('the README shows the files of an example as they are run', () => {
  it.each([
    ['my-cli', 'examples/node', ['src/remember.ts']],
    ['my-page', 'examples/browser', ['src/page.ts', 'vite.config.js']],
  ])('%s is %s', async (project, example, paths) => {
    const shown = new Map(projects.get(project)?.map(({ path, text }) => [path, text]))
    for (const path of paths) {
      expect(shown.get(path)).toBe(await readFile(join(root, example, path), 'utf8'))
    }
  })
})
