import { expect, it, vi } from 'vitest'
import { AuthError } from '../../../src/errors/auth-error.ts'
import type { Fetch } from '../../../src/http/transport.ts'
import { deferred, failure, settle } from '../../support/async.ts'
import { signedIn } from '../../support/setup.ts'
import { collect, eventStream, eventsOver, writtenStream } from './streams.ts'

/** A person whose first stream is asked for, and is not answered yet. */
async function asking(initial?: { readonly apiKey: string }) {
  const stream = writtenStream()
  const answer = deferred()
  const credentials: unknown[] = []
  const signals: (AbortSignal | null | undefined)[] = []
  const fetch: Fetch = async (input, init) => {
    if (!String(input).includes('/events')) return signed.platform.fetch(input, init)
    const headers = new Headers(init?.headers)
    credentials.push(headers.get('x-api-key') ?? headers.get('authorization'))
    signals.push(init?.signal)
    if (credentials.length === 1) await answer.promise
    return eventStream(credentials.length === 1 ? stream.body : 'event: a\ndata: 1\n\n')
  }
  const signed = await signedIn({ fetch, ...(initial === undefined ? {} : { initial }) })
  const { client } = signed
  const iterator = client.mcp.events()[Symbol.asyncIterator]()
  const first = iterator.next()
  await expect.poll(() => credentials).toHaveLength(1)
  return { client, signals, stream, answer, credentials, iterator, first }
}

it('opens no stream for somebody who has signed out while it was asked for', async () => {
  const { client, signals, first } = await asking()
  const outcome = failure(first)
  await client.logout()
  expect(await outcome).toMatchObject({ code: 'login_required' })
  expect(signals.map((signal) => signal?.aborted)).toEqual([true])
})

it('opens another stream when another key has taken its place while it was asked for', async () => {
  const [one, other] = ['1', '2'].map((digit) => `lano_${digit.repeat(64)}`)
  const { client, stream, answer, credentials, iterator, first } = await asking({
    apiKey: one ?? '',
  })
  await client.setApiKey(other ?? '')
  answer.resolve()
  expect(await first).toMatchObject({ value: { type: 'a' } })
  expect([credentials, stream.state.cancelled]).toEqual([[one, other], true])
  await iterator.return?.()
})

it('keeps the stream that was opened with the key that has replaced a refused one', async () => {
  const keys = new Set<string | null>()
  const fetch: Fetch = async (input, init) => {
    if (!String(input).includes('/events')) return platform.fetch(input, init)
    keys.add(new Headers(init?.headers).get('x-api-key'))
    return keys.size === 1 ? new Response('{}', { status: 401 }) : eventStream('data: 1\n\n')
  }
  const { client, platform } = await signedIn({ fetch })
  const { id = '' } = await client.apiKeys.ensure({ name: 'laptop' })
  platform.revokeApiKey(id)
  const iterator = client.mcp.events({ maxRetries: 0 })[Symbol.asyncIterator]()
  expect(await iterator.next()).toMatchObject({ value: { data: 1 } })
  expect(keys.size).toBe(2)
  await iterator.return?.()
})

it('goes on with the session when the key is forgotten while the stream is asked for', async () => {
  const answer = deferred()
  const sent: (string | undefined)[] = []
  const fetch: Fetch = async (input, init) => {
    if (!String(input).includes('/events')) return signed.platform.fetch(input, init)
    sent.push([...new Headers(init?.headers).keys()].find((name) => /^(auth|x-api)/.test(name)))
    if (sent.length > 1) return eventStream('data: 1\n\n')
    await answer.promise
    return new Response('{}', { status: 401 })
  }
  const signed = await signedIn({ fetch })
  const { client } = signed
  const { id = '' } = await client.apiKeys.ensure({ name: 'laptop' })
  const iterator = client.mcp.events({ maxRetries: 0 })[Symbol.asyncIterator]()
  const first = iterator.next()
  await expect.poll(() => sent).toHaveLength(1)
  await client.apiKeys.revoke(id)
  answer.resolve()
  expect(await first).toMatchObject({ value: { data: 1 } })
  expect(sent).toEqual(['x-api-key', 'authorization'])
  await iterator.return?.()
})

it('opens another stream when somebody else is there by the moment it opens', async () => {
  let replace = (_why: AuthError) => {}
  const stream = writtenStream()
  const { events, openings } = eventsOver(
    [() => eventStream(stream.body), () => eventStream('data: 1\n\n')],
    {
      context: {
        onSignOut: (_credential, listener) => {
          replace = listener
          return () => {}
        },
      },
      onState: ({ type }) => {
        if (type === 'open' && openings.length === 1) {
          replace(new AuthError('network_error', 'Another credential is in use.'))
        }
      },
    },
  )
  const collected = collect(events)
  await vi.waitFor(() => expect(collected.events).not.toEqual([]), { timeout: 5_000 })
  expect(stream.state.cancelled).toBe(true)
})

it('shows nothing that was read for who was there before, and goes on from none of it', async () => {
  let replace = (_why: AuthError) => {}
  const stream = writtenStream()
  const { events, openings } = eventsOver(
    [() => eventStream(stream.body), () => eventStream('data: 3\n\n')],
    {
      context: {
        random: () => 0,
        onSignOut: (_credential, listener) => {
          replace = listener
          return () => {}
        },
      },
    },
  )
  const iterator = events[Symbol.asyncIterator]()
  stream.write('id: 41\ndata: 1\n\nid: 42\ndata: 2\n\n')
  expect(await iterator.next()).toMatchObject({ value: { data: 1 } })
  replace(new AuthError('network_error', 'Another credential is in use.'))
  expect(await iterator.next()).toMatchObject({ value: { data: 3 } })
  expect(openings.map(({ headers }) => headers.get('last-event-id'))).toEqual([null, null])
  await iterator.return?.()
})

it('shows nothing of them either that is read at the very moment at which they leave', async () => {
  for (let turns = 0; turns < 16; turns++) {
    let replace = (_why: AuthError) => {}
    const stream = writtenStream()
    const { events } = eventsOver(
      [() => eventStream(stream.body), () => eventStream('data: 3\n\n')],
      {
        context: {
          random: () => 0,
          onSignOut: (_credential, listener) => {
            replace = listener
            return () => {}
          },
        },
      },
    )
    const iterator = events[Symbol.asyncIterator]()
    stream.write('data: 1\n\n')
    await iterator.next()
    let isShown = false
    const next = iterator.next().finally(() => {
      isShown = true
    })
    await settle()
    stream.write('data: 2\n\n')
    for (let turn = 0; turn < turns; turn++) await undefined
    replace(new AuthError('network_error', 'Another credential is in use.'))
    await undefined
    // What was shown before cannot be taken back.
    if (!isShown) expect.soft(await next, `${turns} turns`).toMatchObject({ value: { data: 3 } })
    await iterator.return?.()
  }
})
