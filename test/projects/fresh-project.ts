import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { temporaryDirectory } from '../support/directories.ts'
import { installWithLibrary } from '../tools/install.mjs'
import { packageName } from '../tools/package.mjs'
import { runOrThrow } from '../tools/process.mjs'
import { readmeProjects } from '../tools/readme.mjs'

/** What a project has besides the files that the README shows: what a generator of such projects writes. */
interface Scaffold {
  readonly manifest: {
    readonly type?: 'module' | 'commonjs'
    readonly scripts: Readonly<Record<string, string>>
    readonly dependencies?: Readonly<Record<string, string>>
    readonly devDependencies?: Readonly<Record<string, string>>
  }
  /** By path; what is no text is written as JSON. */
  readonly files: Readonly<Record<string, string | object>>
}

/** In addition to our own; `undefined` takes one away. */
type Variables = Readonly<Record<string, string | undefined>>

/** A project outside of this repository, gone after the test. */
export interface FreshProject {
  readonly folder: string
  /** Runs one of its scripts to its end. */
  run(script: string, env?: Variables): Promise<string>
}

/**
 * Makes a project with the README's files of that name, if there are any, installs the packed library and what the
 * manifest names, and runs its script `build`.
 */
export async function freshProject(
  name: string,
  { manifest, files, env = {} }: Scaffold & { readonly env?: Variables },
): Promise<FreshProject> {
  const folder = join(await temporaryDirectory(), name)
  const shown = (await readmeProjects()).get(name) ?? []
  const own = shown.find(({ path }) => path === 'package.json')
  const written = {
    ...files,
    ...Object.fromEntries(shown.map(({ path, text }) => [path, text])),
    'package.json': {
      ...(own === undefined ? { name, private: true } : JSON.parse(own.text)),
      ...manifest,
      dependencies: { [packageName]: '*', ...manifest.dependencies },
    },
  }
  for (const [path, content] of Object.entries(written)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    const text = typeof content === 'string' ? content : JSON.stringify(content)
    await writeFile(join(folder, path), text)
  }
  await installWithLibrary(folder)
  const run: FreshProject['run'] = (script, more = {}) =>
    runOrThrow('npm', ['run', '--silent', script], { cwd: folder, env: more })
  await run('build', env)
  return { folder, run }
}
