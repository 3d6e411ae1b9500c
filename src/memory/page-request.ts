import { AuthError } from '../errors/auth-error.ts'
import type { Page } from './types.ts'

/**
 * A list that can be used in two ways: awaited, it is one page; iterated, all items of all pages,
 * each page read when the one before it is used up.
 *
 * Nothing is sent before it is awaited or iterated.
 */
export interface PageRequest<T> extends PromiseLike<Page<T>>, AsyncIterable<T> {}

/** @param read reads the page that starts at an offset; `undefined` is the caller's own */
export function pageRequest<T>(read: (offset?: number) => Promise<Page<T>>): PageRequest<T> {
  let first: Promise<Page<T>> | undefined
  return {
    // biome-ignore lint/suspicious/noThenProperty: being awaitable is what this object is for
    then(onFulfilled, onRejected) {
      first ??= read()
      return first.then(onFulfilled, onRejected)
    },
    async *[Symbol.asyncIterator]() {
      let page = await read()
      for (;;) {
        yield* page.items
        if (!page.hasMore || page.items.length === 0) return
        const next = await read(page.offset + page.items.length)
        if (isRepeated(page, next)) return
        page = next
      }
    },
  }
}

/**
 * Whether a service has no pages and gave everything again, which otherwise would go on for ever.
 * @throws AuthError `invalid_response` when it also says that there is more
 */
function isRepeated<T>(page: Page<T>, next: Page<T>): boolean {
  if (JSON.stringify(next.items[0]) !== JSON.stringify(page.items[0])) return false
  if (next.total === undefined) return true
  throw new AuthError('invalid_response', 'The service gives the same page again and again.')
}
