/** What a sign-in by redirect needs of a page; `window` is one. */
export interface RedirectPage {
  readonly isSecureContext: boolean
  /** Itself, unless it is in a frame. */
  readonly top: unknown
  readonly self: unknown
  readonly location: { readonly href: string; assign(url: string): void }
  readonly history: { readonly state: unknown; replaceState: History['replaceState'] }
  /** Reading it throws where the browser keeps nothing for this page. */
  readonly sessionStorage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>
  addEventListener(type: 'pageshow', listener: (event: PageTransitionEvent) => void): void
  removeEventListener(type: 'pageshow', listener: (event: PageTransitionEvent) => void): void
}

/** Where a page may be. `globalThis` is such a place: on a server it has none. */
export interface RedirectWorld {
  readonly window?: RedirectPage | undefined
}
