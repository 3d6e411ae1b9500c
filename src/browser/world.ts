/**
 * What a browser has, each part where it is there; reading one may throw where the person or the page's
 * origin does not allow it. `globalThis` is one: nothing of it is touched before it is needed.
 */
export interface BrowserWorld {
  readonly indexedDB?: IDBFactory | null | undefined
  readonly crypto?: Crypto | undefined
  readonly navigator?: { readonly locks?: LockManager | undefined } | undefined
  readonly BroadcastChannel?: typeof BroadcastChannel | undefined
  readonly document?: Document | undefined
  /** Only pages have it: a `localStorage` beside it (Node.js) is one that all users of a server share. */
  readonly window?: Window | undefined
}
