import { usesApiKeys, worksWithMemories } from './calls.mjs'
import { hearsEvents, keepsASocket } from './realtime.mjs'
import { renewsOnce, signsIn, stores } from './session.mjs'

/**
 * What every runtime has to be able to do, in plain JavaScript without anything of one platform.
 *
 * @typedef {import('@lanonasis/auth-client')} Library
 * @typedef {import('@lanonasis/auth-client').LanonasisClient} Client
 * @typedef {import('@lanonasis/auth-client').LanonasisClientOptions} ClientOptions
 *
 * @typedef {object} Order
 * @property {import('@lanonasis/auth-client').Endpoints} endpoints
 * @property {string} assistantUrl see assistant.ts
 * @property {string} folder to keep files in, where there are files
 *
 * @typedef {object} Runtime what differs between runtimes, which is the entry that they use
 * @property {Library} library
 * @property {(options: ClientOptions) => Client} createClient
 * @property {(signIn: SignIn) => Promise<Client>} signIn gives the client that is signed in
 * @property {(() => import('@lanonasis/auth-client').TokenStore) | string} store that the next start of the
 *   program finds; or why there is none
 * @property {import('@lanonasis/auth-client').McpSocketOptions} socket
 * @property {string} [socketNote] what has to be said of sockets here
 * @property {{ code: string, note: string }} [refusedKey] how a key that was revoked fails; default `api_key_rejected`
 *
 * @typedef {object} SignIn
 * @property {ClientOptions} settings
 * @property {(url: string) => Promise<string>} person signs in at this address, and gives the one that it ended on
 *
 * @typedef {object} Surroundings what a case gets
 * @property {Runtime} runtime
 * @property {ClientOptions} settings of every client
 * @property {Ask} ask
 *
 * @typedef {(what: string, given?: unknown) => Promise<any>} Ask asks the assistant outside of this runtime
 *
 * @typedef {{ state: 'passed', note?: string } | { state: 'failed', reason: string }
 *   | { state: 'not-applicable', reason: string }} Outcome
 *
 * @typedef {(surroundings: Surroundings) => Promise<void | { note: string } | { notApplicable: string }>} Case
 */

/** Longer than any of them takes on a machine that has other work. */
const limitMs = 90_000

/** @type {Readonly<Record<string, Case>>} */
const cases = {
  'sign-in': signsIn,
  refresh: renewsOnce,
  store: stores,
  'API key': usesApiKeys,
  memory: worksWithMemories,
  socket: keepsASocket,
  events: hearsEvents,
}

/**
 * Tries all of them, one after the other, and says what came of each.
 *
 * @param {Runtime} runtime
 * @param {Order} order
 * @returns {Promise<Record<string, Outcome>>}
 */
export async function runCases(runtime, { endpoints, assistantUrl }) {
  const surroundings = {
    runtime,
    settings: { clientId: 'lanonasis-cli', endpoints, env: {}, timeoutMs: 30_000 },
    ask: askAt(assistantUrl),
  }
  /** @type {Record<string, Outcome>} */
  const outcomes = {}
  for (const [name, run] of Object.entries(cases)) {
    outcomes[name] = await outcomeOf(() => run(surroundings))
  }
  return outcomes
}

/**
 * @param {() => ReturnType<Case>} run
 * @returns {Promise<Outcome>}
 */
async function outcomeOf(run) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${limitMs / 1_000} s`)), limitMs)
  })
  try {
    const said = (await Promise.race([run(), limit])) ?? {}
    if ('notApplicable' in said) return { state: 'not-applicable', reason: said.notApplicable }
    return { state: 'passed', ...said }
  } catch (error) {
    return { state: 'failed', reason: describe(error) }
  } finally {
    clearTimeout(timer)
  }
}

/**
 * @param {unknown} error
 * @returns {string}
 */
function describe(error) {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : ` Because: ${describe(error.cause)}`
  // Some runtimes put name and message into the stack, and some do not.
  return `${error.name}: ${error.message}${cause}\n${error.stack ?? ''}`
}

/**
 * @param {string} url
 * @returns {Ask}
 */
function askAt(url) {
  return async (what, given = {}) => {
    // As text: a page needs no preflight for that.
    const response = await fetch(`${url}/${what}`, { method: 'POST', body: JSON.stringify(given) })
    if (!response.ok) throw new Error(`The assistant could not ${what}: ${await response.text()}`)
    return response.json()
  }
}
