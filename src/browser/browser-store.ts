import type { FullStore } from '../store/lazy-store.ts'

/** A place of the browser as a store. Where the browser refuses, it fails with the browser's own error. */
export type BrowserStore = Omit<FullStore, 'onFallback'>
