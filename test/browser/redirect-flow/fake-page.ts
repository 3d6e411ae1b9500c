import type { RedirectPage } from '../../../src/browser/redirect/page.ts'

/** A tab of a browser: what it keeps outlives its pages. */
export class FakeTab {
  readonly kept = new Map<string, string>()
  /** Addresses that pages of this tab have left for. */
  readonly visited: string[] = []
  /** The browser lets pages keep nothing. */
  blocked = false

  /** Loads a page; the one before it has ended. */
  load(href: string, changes: Partial<RedirectPage> = {}): FakePage {
    return new FakePage(this, href, changes)
  }
}

export class FakePage {
  readonly window: RedirectPage
  readonly #listeners = new Set<(event: PageTransitionEvent) => void>()
  #href: string

  constructor(tab: FakeTab, href: string, changes: Partial<RedirectPage>) {
    this.#href = href
    const current = () => this.#href
    const self = {}
    const sessionStorage: RedirectPage['sessionStorage'] = {
      getItem: (name) => tab.kept.get(name) ?? null,
      setItem: (name, value) => void tab.kept.set(name, value),
      removeItem: (name) => void tab.kept.delete(name),
    }
    const page: RedirectPage = {
      self,
      top: self,
      isSecureContext: true,
      location: {
        get href() {
          return current()
        },
        assign: (url) => void tab.visited.push(url),
      },
      history: {
        state: { ofTheRouter: true },
        replaceState: (state, _title, url) => {
          if (state !== page.history.state) throw new Error('The state of the router is lost.')
          this.#href = String(url)
        },
      },
      get sessionStorage() {
        if (tab.blocked) throw new DOMException('Blocked.', 'SecurityError')
        return sessionStorage
      },
      addEventListener: (_type, listener) => void this.#listeners.add(listener),
      removeEventListener: (_type, listener) => void this.#listeners.delete(listener),
    }
    this.window = new Proxy(page, {
      get: (target, name) => Reflect.get(name in changes ? changes : target, name),
    })
  }

  get href(): string {
    return this.#href
  }

  get listeners(): number {
    return this.#listeners.size
  }

  /** The browser shows the page, again where it was kept alive. */
  show({ persisted }: { readonly persisted: boolean }): void {
    const event = Object.assign(new Event('pageshow'), { persisted })
    for (const listener of [...this.#listeners]) listener(event)
  }
}
