import type { ConnectionEnd, Ongoing, Peer } from '../realtime/peer.ts'
import { lostError } from './lost.ts'

/** What may lie unread between both sides, as in the buffers of a network. */
const bufferBytes = 65_536

/**
 * The body of an answer that goes on. Who cancels it or aborts the request is gone for the service;
 * who does not read holds back what the service sends, as a network does.
 */
export function streamBody(ongoing: Ongoing, signal: AbortSignal): ReadableStream<Uint8Array> {
  let reader: BodyReader | undefined
  const source: UnderlyingDefaultSource<Uint8Array> = {
    start(controller) {
      reader = new BodyReader(controller, signal)
      const listener = ongoing.open(reader)
      reader.watch((end) => listener.onGone(end))
    },
    pull: () => reader?.hasRead(),
    cancel: () => reader?.leave(),
  }
  return new ReadableStream(source, new ByteLengthQueuingStrategy({ highWaterMark: bufferBytes }))
}

/** Whoever reads the body, as the service sees it. */
class BodyReader implements Peer {
  readonly #controller: ReadableStreamDefaultController<Uint8Array>
  readonly #signal: AbortSignal
  readonly #encoder = new TextEncoder()
  readonly #waiting = new Set<() => void>()
  #tell: (end: ConnectionEnd) => void = () => {}
  #gone = false
  #isCut = false

  constructor(controller: ReadableStreamDefaultController<Uint8Array>, signal: AbortSignal) {
    this.#controller = controller
    this.#signal = signal
  }

  watch(tell: (end: ConnectionEnd) => void): void {
    this.#tell = tell
    this.#signal.addEventListener('abort', this.#abort)
    if (this.#signal.aborted) this.#abort()
  }

  async send(text: string): Promise<void> {
    if (this.#gone) return
    this.#put(text)
    if ((this.#controller.desiredSize ?? 0) > 0) return
    await new Promise<void>((resolve) => this.#waiting.add(resolve))
  }

  close(): void {
    if (this.#gone) return
    this.#controller.close()
    this.#end(1000)
  }

  cut(text = ''): void {
    if (this.#gone) return
    if (text !== '') this.#put(text.slice(0, Math.ceil(text.length / 2)))
    this.#isCut = true
    this.#breakOff()
    this.#end(1006)
  }

  ping(): void {}

  silence(): void {}

  hasRead(): void {
    this.#release()
    this.#breakOff()
  }

  leave(): void {
    this.#end(1006)
  }

  readonly #abort = () => {
    this.#controller.error(this.#signal.reason)
    this.#end(1006)
  }

  #put(text: string): void {
    this.#controller.enqueue(this.#encoder.encode(text))
  }

  /** What was sent before the cut arrives still: an error throws away what was not read. */
  #breakOff(): void {
    if (!this.#isCut || (this.#controller.desiredSize ?? 0) < bufferBytes) return
    this.#controller.error(new TypeError('terminated', { cause: lostError('reset') }))
  }

  #end(code: number): void {
    if (this.#gone) return
    this.#gone = true
    this.#signal.removeEventListener('abort', this.#abort)
    this.#release()
    // Not at once: the service may have ended it while it was opening it.
    queueMicrotask(() => this.#tell({ code, reason: '' }))
  }

  #release(): void {
    for (const proceed of this.#waiting) proceed()
    this.#waiting.clear()
  }
}
