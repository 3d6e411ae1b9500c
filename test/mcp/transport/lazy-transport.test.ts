import { describe, expect, it, vi } from 'vitest'
import { AuthError } from '../../../src/errors/auth-error.ts'
import type { ConnectionContext } from '../../../src/mcp/context.ts'
import {
  LazyTransport,
  type OpenTransport,
  type TransportEvents,
} from '../../../src/mcp/transport/lazy-transport.ts'
import { deferred, failure, settle } from '../../support/async.ts'
import { request } from './fakes.ts'

/** A transport over a connection that the test opens. */
function setup() {
  const opening = deferred<OpenTransport>()
  const closing = new AbortController()
  const opened = {
    sessionId: 'of the server',
    hasPerRequestStream: true,
    send: vi.fn(async () => {}),
    setProtocolVersion: vi.fn(),
    close: vi.fn(async () => {}),
  }
  let events: TransportEvents | undefined
  const open = vi.fn((_context: ConnectionContext, told: TransportEvents) => {
    events = told
    return opening.promise
  })
  const context = vi.fn(async () => ({ closing: closing.signal }) as ConnectionContext)
  const transport = new LazyTransport({ context, open, sessionId: 'resumed' })
  const heard = { onclose: vi.fn(), onerror: vi.fn(), onmessage: vi.fn() }
  Object.assign(transport, heard)
  const started = async () => {
    opening.resolve(opened)
    await transport.start()
  }
  const tell = () => events ?? expect.fail('It was not opened.')
  return { transport, opening, opened, open, context, closing, heard, started, tell }
}

describe('a transport', () => {
  it('does nothing before it is started', async () => {
    const { transport, open, context } = setup()
    await settle()
    expect(context).not.toHaveBeenCalled()
    expect(open).not.toHaveBeenCalled()
    expect(transport.sessionId).toBe('resumed')
    expect(transport.hasPerRequestStream).toBe(false)
  })

  it('is what was opened, from then on', async () => {
    const { transport, opened, started } = setup()
    await started()
    expect(transport.sessionId).toBe('of the server')
    expect(transport.hasPerRequestStream).toBe(true)
    const options = { relatedRequestId: 1 }
    await transport.send(request(1), options)
    expect(opened.send).toHaveBeenCalledWith(request(1), options)
    transport.setProtocolVersion('2025-11-25')
    expect(opened.setProtocolVersion).toHaveBeenCalledWith('2025-11-25')
  })

  it('tells whoever listens at that moment', async () => {
    const { transport, heard, started, tell } = setup()
    await started()
    tell().onMessage(request(1), { of: 'the server' })
    expect(heard.onmessage).toHaveBeenCalledWith(request(1), { of: 'the server' })
    const later = vi.fn()
    transport.onmessage = later
    tell().onMessage(request(2))
    expect(later).toHaveBeenCalledOnce()
    expect(heard.onmessage).toHaveBeenCalledOnce()
  })

  it('takes no message before it is connected, nor after its end', async () => {
    const { transport, started } = setup()
    const refused = { code: 'network_error', retryable: false }
    expect(await failure(transport.send(request(1)))).toMatchObject(refused)
    await started()
    await transport.close()
    expect(await failure(transport.send(request(2)))).toMatchObject(refused)
  })

  it('is started once', async () => {
    const { transport, started } = setup()
    await started()
    expect(await failure(transport.start())).toMatchObject({ code: 'config_invalid' })
  })

  it('is over when it could not connect', async () => {
    const { transport, opening, heard } = setup()
    const error = new AuthError('login_required', 'Nobody is signed in.')
    opening.reject(error)
    expect(await failure(transport.start())).toBe(error)
    expect(heard.onclose).toHaveBeenCalledOnce()
  })

  it('that is closed while it connects closes what comes of it', async () => {
    const { transport, opening, opened, heard } = setup()
    const starting = failure(transport.start())
    await settle()
    await transport.close()
    opening.resolve(opened)
    expect(await starting).toMatchObject({ code: 'aborted' })
    expect(opened.close).toHaveBeenCalledOnce()
    expect(heard.onclose).toHaveBeenCalledOnce()
  })

  it('tells of its end once, and of no error that closing it causes', async () => {
    const { transport, opened, heard, started, tell } = setup()
    await started()
    opened.close.mockImplementation(async () => {
      tell().onError(new Error('cut'))
      tell().onClose()
    })
    await transport.close()
    await transport.close()
    expect(opened.close).toHaveBeenCalledOnce()
    expect(heard.onclose).toHaveBeenCalledOnce()
    expect(heard.onerror).not.toHaveBeenCalled()
  })

  it('ends with its client', async () => {
    const { closing, opened, heard, started } = setup()
    await started()
    closing.abort()
    await settle()
    expect(opened.close).toHaveBeenCalledOnce()
    expect(heard.onclose).toHaveBeenCalledOnce()
  })

  it('of a client that is closed does not connect', async () => {
    const { transport, closing, open } = setup()
    closing.abort()
    expect(await failure(transport.start())).toMatchObject({ code: 'aborted' })
    expect(open).not.toHaveBeenCalled()
  })
})
