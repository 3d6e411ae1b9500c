import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, inject, it } from 'vitest'
import { root, tool } from '../tools/paths.mjs'
import { run } from '../tools/process.mjs'
import { electronShapes } from './electron-shapes.ts'

const consumer = inject('consumer')
const folder = join(consumer, 'docs')

/** What an application has besides; only the shapes that the recipes use. */
const openTelemetry = `
declare module '@opentelemetry/api' {
  export enum SpanKind { CLIENT = 2 }
  export enum SpanStatusCode { ERROR = 2 }
  export interface Span {
    setStatus(status: { code: SpanStatusCode; message?: string }): this
    addEvent(name: string): this
    end(endTime?: number): void
  }
  export interface SpanOptions {
    kind?: SpanKind
    startTime?: number
    attributes?: Record<string, string | number | boolean>
  }
  export const trace: {
    getTracer(name: string): { startSpan(name: string, options?: SpanOptions): Span }
  }
  export interface Context {}
  export const context: { active(): Context }
  export const propagation: { inject(context: Context, carrier: Record<string, string>): void }
}
`

const testRunner = `
declare module 'vitest' {
  export function describe(name: string, work: () => void): void
  export function it(name: string, work: () => void | Promise<void>): void
}
`

/** What a reader knows from the lines before, or has in a program of their own. */
const context = `
import type { LanonasisClient } from '@lanonasis/auth-client'
declare global {
  const lanonasis: LanonasisClient
  const client: LanonasisClient
  const id: string
  const router: { replace(path: string): void }
  const button: HTMLButtonElement
  function showProblem(message: string, hint: string): void
  function record(service: string | undefined, latencyMs: number): void
}
`

beforeAll(async () => {
  await mkdir(folder)
  await writeFile(join(folder, 'context.d.ts'), context)
  await writeFile(join(folder, 'opentelemetry.d.ts'), openTelemetry)
  await writeFile(join(folder, 'electron.d.ts'), electronShapes)
  await writeFile(join(folder, 'vitest.d.ts'), testRunner)
  await symlink(join(root, 'node_modules/@types'), join(folder, 'types'))
  await mkdir(join(folder, 'node_modules'))
  for (const peer of ['@modelcontextprotocol', 'redis', '@redis']) {
    await symlink(join(root, 'node_modules', peer), join(folder, 'node_modules', peer))
  }
})

it('what the documents and the comments show compiles as it is, for a strict application', {
  timeout: 300_000,
}, async () => {
  const paths = ['README.md', ...(await filesIn('docs', '.md')), ...(await filesIn('src', '.ts'))]
  const texts = await Promise.all(
    paths.map(async (path) => [path, await readFile(join(root, path), 'utf8')] as const),
  )
  const programs = texts.flatMap(([path, text]) => {
    const examples = examplesIn(text)
    return examples.map((program, index) => {
      return { file: `${path.replace(/\W+/g, '-')}-${index + 1}.mts`, program }
    })
  })
  await Promise.all(programs.map(({ file, program }) => writeFile(join(folder, file), program)))
  const project = join(folder, 'tsconfig.json')
  expect(programs.filter(({ file }) => file.startsWith('docs-')).length).toBeGreaterThan(35)
  expect(programs.filter(({ file }) => file.startsWith('src-')).length).toBeGreaterThan(30)
  const shapes = ['opentelemetry.d.ts', 'electron.d.ts', 'vitest.d.ts', 'context.d.ts']
  const files = [...shapes, ...programs.map(({ file }) => file)]
  await writeFile(project, JSON.stringify({ files, compilerOptions }))
  const { stdout } = await run(tool('tsc'), ['--pretty', 'false', '--project', project], {
    cwd: folder,
  })
  expect(stdout).toBe('')
})

async function filesIn(folder: string, ending: string): Promise<readonly string[]> {
  const names = await readdir(join(root, folder), { recursive: true })
  return names.filter((name) => name.endsWith(ending)).map((name) => `${folder}/${name}`)
}

const compilerOptions = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  target: 'es2022',
  module: 'node16',
  moduleResolution: 'node16',
  typeRoots: ['types'],
  types: ['node'],
}

/** The TypeScript of a text, each block a program of its own; in a source file they stand in comments. */
function examplesIn(text: string): string[] {
  return [...text.matchAll(/^(?<margin>[ *]*)```ts\n(?<program>.*?)^[ *]*```$/gms)].map(
    ({ groups: { margin = '', program = '' } = {} }) =>
      program
        .split('\n')
        .map((line) => line.slice(Math.min(margin.length, line.length)))
        .join('\n'),
  )
}
