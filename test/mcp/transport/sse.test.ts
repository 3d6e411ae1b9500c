import { describe, expect, it, vi } from 'vitest'
import { failure, settle } from '../../support/async.ts'
import { type Answering, connectionError, fakeFetch, json } from '../../support/fetches.ts'
import { platformAt, signedIn } from '../../support/setup.ts'
import { FakeTransport, fakeSdk } from './fakes.ts'

const stream = () => new Response(null, { status: 200 })

async function connected(answer: Answering, Base = FakeTransport) {
  const platform = platformAt({ limits: false })
  const server = fakeFetch(answer)
  const signed = await signedIn({
    platform,
    fetch: (input, init) =>
      String(input).includes('/events') ? server.fetch(input, init) : platform.fetch(input, init),
  })
  const fake = fakeSdk(Base)
  const transport = signed.client.mcp.transport('sse', { sdk: fake.sdk })
  const heard = { onclose: vi.fn(), onerror: vi.fn() }
  Object.assign(transport, heard)
  return { ...signed, ...heard, transport, fake, sent: server.sent }
}

/** As the event source does it: it asks for another stream, and tells only that it did not get one. */
async function reconnect(inner: FakeTransport): Promise<void> {
  const failed = new Error('SSE error')
  await inner.fetch(inner.url).then(
    ({ status }) => status === 200 || inner.onerror?.(failed),
    () => inner.onerror?.(failed),
  )
}

describe('the transport over HTTP+SSE', () => {
  it('sends no message to another origin, whoever names it', async () => {
    const { transport, fake } = await connected(stream)
    await transport.start()
    const post = fake.inner.fetch('https://example.com/events/messages', { method: 'POST' })
    expect(await failure(post)).toMatchObject({ code: 'origin_not_allowed' })
  })

  it('goes on when a stream that broke off cannot be opened again at once', async () => {
    const { transport, fake, onerror, onclose } = await connected(() => {
      throw connectionError('ECONNREFUSED')
    })
    await transport.start()
    await reconnect(fake.inner)
    expect(onerror).toHaveBeenCalledWith(expect.objectContaining({ code: 'network_error' }))
    expect(onclose).not.toHaveBeenCalled()
  })

  it('is over, with our error, when there is no credential any more', async () => {
    const { client, transport, fake, onerror, onclose } = await connected(stream)
    await transport.start()
    await client.logout()
    await reconnect(fake.inner)
    await settle()
    expect(onerror).toHaveBeenCalledWith(expect.objectContaining({ code: 'login_required' }))
    expect(onclose).toHaveBeenCalledOnce()
  })

  it('is over when the server has no stream any more', async () => {
    const { transport, fake, onclose } = await connected(() => json(503, {}))
    await transport.start()
    await reconnect(fake.inner)
    expect(onclose).toHaveBeenCalledOnce()
  })

  it('fails to start with our error, and leaves nothing that tries again', async () => {
    class Failing extends FakeTransport {
      override async start() {
        await this.fetch(this.url).catch(() => {})
        throw new Error('SSE error')
      }
    }
    const { transport, fake } = await connected(() => {
      throw connectionError('ECONNREFUSED')
    }, Failing)
    expect(await failure(transport.start())).toMatchObject({ code: 'network_error' })
    expect(fake.inner.closes).toBe(1)
  })
})
