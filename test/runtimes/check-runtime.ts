import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, type TestContext } from 'vitest'
import { type ServedPlatform, servePlatform } from '../../src/testing-node.ts'
import { startAssistant } from './assistant.ts'
import type { Order, Outcome } from './portable/suite.mjs'

declare module 'vitest' {
  interface TaskMeta {
    /** A row of the matrix, see matrix-reporter.mjs. */
    runtime?: { readonly version: string; readonly outcomes: Record<string, Outcome> }
  }
}

/** What a runtime did, and which one it was. */
export interface Trial {
  readonly version: string
  readonly outcomes: Record<string, Outcome>
}

/** How to try a runtime. */
export interface TrialOptions {
  readonly run: (order: Order) => Promise<Trial>
  /** The origin of the page, where it is one. */
  readonly origin?: string
  /** The cases that there is no way to do; all others have to pass. */
  readonly notApplicable?: readonly string[]
}

/** Has a runtime try the portable cases against services of its own, and looks at both sides. */
export async function checkRuntime(
  { task }: TestContext,
  { run, origin, notApplicable = [] }: TrialOptions,
): Promise<void> {
  await using platform = await servePlatform({
    limits: false,
    corsOrigins: origin === undefined ? [] : [origin],
    realtime: { strategies: ['header', 'subprotocol'] },
  })
  await using assistant = await startAssistant(platform)
  const folder = await mkdtemp(join(tmpdir(), 'lanonasis-runtime-'))
  try {
    const order = { endpoints: platform.endpoints, assistantUrl: assistant.url, folder }
    const { version, outcomes } = await run(order)
    task.meta.runtime = { version, outcomes }
    expectPassed(outcomes, notApplicable)
    expectOnTheWire(platform, notApplicable)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function expectPassed(outcomes: Record<string, Outcome>, notApplicable: readonly string[]): void {
  const failures = Object.entries(outcomes).flatMap(([name, outcome]) =>
    outcome.state === 'failed' ? [`${name}: ${outcome.reason}`] : [],
  )
  expect(failures.join('\n')).toBe('')
  const names = ['sign-in', 'refresh', 'store', 'API key', 'memory', 'socket', 'events']
  expect(Object.keys(outcomes)).toEqual(names)
  const left = names.filter((name) => outcomes[name]?.state === 'not-applicable')
  expect(left).toEqual(notApplicable)
}

/** One request to renew for all who wait; one credential for each request, in a header. */
function expectOnTheWire(platform: ServedPlatform, notApplicable: readonly string[]): void {
  const grants = platform.requestsTo('POST /oauth/token').map(({ body }) => body?.grant_type)
  const [exchange, renewal] = ['authorization_code', 'refresh_token']
  const ofStore = notApplicable.includes('store') ? [] : [exchange, renewal]
  expect(grants).toEqual([exchange, renewal, ...ofStore, renewal])

  const calls = platform.requests.filter(({ method }) => method !== 'OPTIONS')
  expect(calls.filter(({ credential }) => /both|query/.test(credential))).toEqual([])
  const keys = platform.requestsTo('* /auth/api-keys*').filter(({ method }) => method !== 'OPTIONS')
  expect(new Set(keys.map(({ credential }) => credential))).toEqual(new Set(['bearer']))
  const strategies = platform.realtime.connections.flatMap(({ kind, strategy }) =>
    kind === 'socket' && strategy !== undefined ? [strategy] : [],
  )
  expect(strategies.length).toBeGreaterThanOrEqual(3)
}
