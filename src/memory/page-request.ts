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
        page = await read(page.offset + page.items.length)
      }
    },
  }
}
