import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { describe, expect, it, onTestFinished } from 'vitest'
import { servePlatform } from '../../src/testing-node.ts'
import { defaultBrowser } from '../support/default-browser.ts'
import { temporaryDirectory } from '../support/directories.ts'
import { freshProject } from './fresh-project.ts'
import { versionsOf } from './scaffolds.ts'

const starts = {
  module: `import { remember } from './remember.js'\nawait remember()\n`,
  commonjs: `import { remember } from './remember.js'\nvoid remember()\n`,
}

/** What TypeScript itself writes, with what its comments there say for Node.js. */
const init = 'tsc --init --types node --lib esnext --rootDir src --outDir dist'
const inits = {
  module: init,
  // TypeScript takes no `import` for a `require` otherwise.
  commonjs: `${init} --verbatimModuleSyntax false`,
}

/** Built as it begins, and compiled once more with the libraries' own types looked at. */
const newProject = (type: keyof typeof starts) =>
  freshProject('my-cli', {
    manifest: {
      type,
      scripts: {
        build: `${inits[type]} && tsc && tsc --noEmit --skipLibCheck false`,
        start: 'node dist/main.js',
      },
      devDependencies: versionsOf('@types/node', 'typescript'),
    },
    files: { 'src/main.ts': starts[type] },
  })

/** A person's machine, with nothing of ours on it, and no sign of a build server. */
async function newMachine(display = ':0') {
  const platform = await servePlatform({ limits: false })
  onTestFinished(() => platform.close())
  const { folder, opened } = await defaultBrowser()
  const PATH = `${folder}:${process.env.PATH}`
  const surroundings = { PATH, HOME: await temporaryDirectory(), DISPLAY: display }
  return { platform, opened, env: { ...nothing(), ...surroundings, ...platform.env } }
}

/** Takes every variable of ours away. */
const nothing = () => Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined]))

describe.each(['module', 'commonjs'] as const)('a new program of type %s', (type) => {
  it('signs in, writes a memory and lists it; the next time nobody is asked', async () => {
    const { platform, opened, env } = await newMachine()
    const project = await newProject(type)
    const built = await readFile(join(project.folder, 'dist/remember.js'), 'utf8')
    expect(built).toContain({ module: 'import ', commonjs: 'require(' }[type])

    const first = project.run('start', env)
    const page = await fetch(await platform.signIn(await opened()))
    expect(page.status).toBe(200)
    expect(await first).toBe('Example\n')
    expect(platform.apiKeys.map(({ name }) => name)).toEqual(['my-laptop'])

    expect(await project.run('start', env)).toBe('Example\nExample\n')
    expect(platform.requestsTo('POST /oauth/token')).toHaveLength(1)
  })
})

it('signs in by a code on another device where there is no browser', async () => {
  const { platform, env } = await newMachine('')
  const { folder: cwd } = await newProject('module')
  const program = spawn(process.execPath, ['dist/main.js'], { cwd, env })
  onTestFinished(() => void program.kill('SIGKILL'))
  const said = text(program.stdout)
  for await (const line of createInterface({ input: program.stderr })) {
    const [page] = /http\S+\?code=\S+/.exec(line) ?? []
    if (page === undefined) continue
    await platform.approveDevice(page)
    break
  }
  expect(await said).toBe('Example\n')
})
