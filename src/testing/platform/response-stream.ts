import type { Ongoing, Peer } from '../realtime/peer.ts'
import { lostError } from './lost.ts'

/**
 * The body of an answer that goes on. Who cancels it or aborts the request is gone for the service;
 * who does not read holds back what the service sends, as a network does.
 */
export function streamBody(ongoing: Ongoing, signal: AbortSignal): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  const waiting = new Set<() => void>()
  const release = () => {
    for (const proceed of waiting) proceed()
    waiting.clear()
  }
  let over = false
  let tellGone: (code: number) => void = () => {}
  let leave = () => {}

  return new ReadableStream<Uint8Array>({
    start(controller) {
      const end = (code: number, finish: () => void) => {
        if (over) return
        over = true
        signal.removeEventListener('abort', abort)
        finish()
        release()
        // Not at once: the service may have ended it while it was opening it.
        queueMicrotask(() => tellGone(code))
      }
      const abort = () => end(1006, () => controller.error(signal.reason))
      const put = (text: string) => controller.enqueue(encoder.encode(text))
      const peer: Peer = {
        async send(text) {
          if (over) return
          put(text)
          if ((controller.desiredSize ?? 0) <= 0) {
            await new Promise<void>((resolve) => waiting.add(resolve))
          }
        },
        close: () => end(1000, () => controller.close()),
        cut(text = '') {
          if (over) return
          if (text !== '') put(text.slice(0, Math.ceil(text.length / 2)))
          // What was sent before arrives; an error at once would throw it away.
          const cut = new TypeError('terminated', { cause: lostError('reset') })
          const breakOff = () => end(1006, () => controller.error(cut))
          if ((controller.desiredSize ?? 1) >= 1) breakOff()
          else waiting.add(breakOff)
        },
        ping() {},
        silence() {},
      }
      leave = () => end(1006, () => {})
      signal.addEventListener('abort', abort)
      const listener = ongoing.open(peer)
      tellGone = (code) => listener.onGone({ code, reason: '' })
      if (signal.aborted) abort()
    },
    pull: release,
    cancel: () => leave(),
  })
}
