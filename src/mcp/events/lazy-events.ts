import { once } from '../../async/once.ts'
import { loadPart } from '../../errors/load-part.ts'
import type { McpContext } from '../context.ts'
import type { EventStream } from './event-stream.ts'
import type { EventsOptions, McpEvent } from './types.ts'

type Result = IteratorResult<McpEvent, undefined>

/** Events whose code is loaded, and whose stream is opened, when the first one is waited for. */
export function lazyEvents(
  context: () => Promise<McpContext>,
  options: EventsOptions,
): AsyncIterable<McpEvent> {
  return {
    [Symbol.asyncIterator]: () =>
      new LazyIterator(async () => {
        const [{ EventStream }, known] = await Promise.all([
          loadPart(import('./event-stream.ts')),
          context(),
        ])
        return new EventStream(known, options)
      }),
  }
}

class LazyIterator implements AsyncIterator<McpEvent, undefined> {
  readonly #load: () => Promise<EventStream>
  #stream: EventStream | undefined
  #over = false

  constructor(load: () => Promise<EventStream>) {
    this.#load = once(load)
  }

  next(): Promise<Result> {
    return this.#stream === undefined ? this.#first() : this.#stream.next()
  }

  async return(): Promise<Result> {
    this.#over = true
    await this.#stream?.return()
    return { done: true, value: undefined }
  }

  async #first(): Promise<Result> {
    const stream = await this.#load()
    // It was given up while it was loaded.
    if (this.#over) await stream.return()
    this.#stream = stream
    return stream.next()
  }
}
