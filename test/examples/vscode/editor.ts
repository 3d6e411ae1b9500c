import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { chromium, type Locator, type Page } from 'playwright-core'
import { expect, onTestFinished, type TestContext } from 'vitest'
import { LanonasisClient } from '../../../src/index.ts'
import { type ServedPlatform, servePlatform } from '../../../src/testing-node.ts'
import { browserPath, chromiumArguments } from '../../support/browsers.ts'
import { startCodeServer } from '../../support/code-server.ts'
import { temporaryDirectory } from '../../support/directories.ts'
import { pathOf } from '../../support/path-of.ts'
import { ensureCodeServer } from '../../tools/code-server.mjs'
import { root } from '../../tools/paths.mjs'
import { ensureRuntime } from '../../tools/programs.mjs'
import { copyOf } from '../copies.ts'

/** A person's editor with the packed extension, and the services that it works with. */
export interface Workbench {
  readonly platform: ServedPlatform
  readonly page: Page
  /** Of the editor: `home`, `work`, `user`. */
  readonly folder: string
  /** The item in the status bar. */
  readonly status: Locator
  /** The list of memories. */
  readonly tree: Locator
  /** Runs a command of the extension by the palette. */
  run(title: string): Promise<void>
  /** A notification with this text. */
  notification(text: string | RegExp): Locator
  /** What a notification says, also one that the editor has put away since. */
  told(text: string | RegExp): Promise<string>
  /** Waits until the editor asks for a text under this title, and no longer for a command. */
  asks(title: string): Promise<void>
  /** Chooses a button of a notification, also of one that the editor has put away since. */
  choose(text: string | RegExp, button: string): Promise<void>
  /** Answers a dialog of the editor. @returns what it asked */
  answer(button: string | RegExp): Promise<string>
  /** Signs in by the command. */
  signIn(): Promise<void>
  /** Allows a sign-in under way with another browser, with the code that is shown. */
  allow(): Promise<void>
  /** Waits until the item in the status bar says this to a screen reader. */
  says(text: string): Promise<void>
  /** Loads the window again. */
  reload(): Promise<void>
  /** Keeps a picture, where `SCREENSHOTS` is set. */
  picture(name: string): Promise<void>
}

/** What is other than usual on the person's machine. */
export interface Machine {
  /** What is on the disk before, below `home`, `work` or `user`. */
  readonly files?: (platform: ServedPlatform) => Readonly<Record<string, unknown>>
  /** The person's settings. */
  readonly settings?: (platform: ServedPlatform) => Readonly<Record<string, unknown>>
  /** Whether the person's settings say where the services are; default `true`. */
  readonly hasAddresses?: boolean
  /** Variables of the editor. */
  readonly env?: Readonly<Record<string, string>>
  readonly asksForTrust?: boolean
  /** The packed extension, where it is another one than the example's. */
  readonly extension?: string
  /** Which extension host; default `node`. */
  readonly host?: 'node' | 'web'
}

export async function openWorkbench(
  context: TestContext,
  {
    files = () => ({}),
    settings = () => ({}),
    hasAddresses = true,
    asksForTrust = false,
    host = 'node',
    env = {},
    ...machine
  }: Machine = {},
): Promise<Workbench> {
  const program = pathOf(await ensureCodeServer(host === 'web' ? 'node24' : 'node20'), context)
  const node = host === 'web' ? pathOf(await ensureRuntime('node24'), context) : process.execPath
  const executablePath = await browserPath('chromium', context)
  const extension = machine.extension ?? join(await copyOf('vscode'), 'dist/lanonasis.vsix')
  const platform = await servePlatform({ limits: false })
  onTestFinished(() => platform.close())
  const folder = await temporaryDirectory()
  for (const [path, content] of Object.entries(files(platform))) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), JSON.stringify(content))
  }
  const address = await startCodeServer(program, {
    folder,
    env,
    extension,
    asksForTrust,
    settings: {
      ...(hasAddresses ? { 'lanonasis.endpoints': platform.endpoints } : {}),
      ...settings(platform),
    },
    node,
  })
  // A web extension host asks the gateway as a page does.
  platform.allowOrigin(new URL(address).origin)
  const browser = await chromium.launch({ executablePath, args: chromiumArguments })
  onTestFinished(() => browser.close())
  const page = await browser.newPage({ viewport: { width: 1000, height: 640 } })
  await page.goto(`${address}?${new URLSearchParams({ folder: join(folder, 'work') })}`)
  return new Driver({ platform, page, folder }).ready()
}

/** What a person has made elsewhere. */
export async function remember(platform: ServedPlatform, title: string): Promise<void> {
  const { key: apiKey } = await platform.createApiKey({ name: `for ${title}` })
  const { endpoints } = platform
  const elsewhere = new LanonasisClient({ clientId: 'lanonasis-cli', env: {}, endpoints, apiKey })
  await elsewhere.memory.create({ title, content: `Details of ${title}`, tags: ['tag'] })
}

/** Longer than anything here takes, on a machine with other things to do. */
export const patience = { timeout: 60_000 }

class Driver implements Workbench {
  readonly platform: ServedPlatform
  readonly page: Page
  readonly folder: string

  constructor({ platform, page, folder }: Pick<Workbench, 'platform' | 'page' | 'folder'>) {
    this.platform = platform
    this.page = page
    this.folder = folder
    page.setDefaultTimeout(patience.timeout)
  }

  async ready(): Promise<this> {
    await this.status.waitFor()
    await expect.poll(() => this.status.textContent(), patience).not.toBe('')
    // A window that was loaded again has it open still.
    const view = this.page.locator('.activitybar [aria-label="Lanonasis"]').first()
    if ((await view.getAttribute('aria-expanded')) !== 'true') await view.click()
    await this.tree.waitFor()
    return this
  }

  get status(): Locator {
    return this.page.locator('[id="lanonasis.mcp-client.lanonasis"]')
  }

  get tree(): Locator {
    return this.page.locator('.sidebar .split-view-view', { hasText: 'Memories' }).first()
  }

  async run(title: string): Promise<void> {
    await this.page.keyboard.press('F1')
    const input = this.page.locator('.quick-input-widget input').first()
    await input.fill(`>Lanonasis: ${title}`)
    await this.page
      .locator('.quick-input-list .monaco-list-row', { hasText: `Lanonasis: ${title}` })
      .first()
      .click()
  }

  notification(text: string | RegExp): Locator {
    return this.page.locator('.notification-toast', { hasText: text }).last()
  }

  async told(text: string | RegExp): Promise<string> {
    return (await this.#find(text)).textContent({ timeout: 5_000 }).then((said) => said ?? '')
  }

  async asks(title: string): Promise<void> {
    await this.page.locator('.quick-input-title', { hasText: title }).waitFor()
  }

  async choose(text: string | RegExp, button: string): Promise<void> {
    const click = async () => {
      const buttons = (await this.#find(text)).locator('.monaco-button')
      await buttons.filter({ hasText: button }).first().click({ timeout: 5_000 })
      return true
    }
    await expect.poll(click, { timeout: 2 * patience.timeout }).toBe(true)
  }

  /** After a while the editor puts away what is no error: its bell has it back. */
  async #find(text: string | RegExp): Promise<Locator> {
    const found = this.page.locator('.notification-list-item', { hasText: text }).last()
    try {
      await found.waitFor({ timeout: 20_000 })
    } catch {
      await this.page.locator('[id="status.notifications"]').click()
      await found.waitFor()
    }
    return found
  }

  async answer(button: string | RegExp): Promise<string> {
    const dialog = this.page.locator('.monaco-dialog-box')
    const text = (await dialog.textContent()) ?? ''
    await dialog.locator('.monaco-button', { hasText: button }).first().click()
    return text
  }

  async signIn(): Promise<void> {
    await this.run('Sign In')
    await this.allow()
  }

  async allow(): Promise<void> {
    const title = this.page.locator('.quick-input-title', { hasText: /with the code \S/ })
    const shown = await title.textContent()
    const userCode = /with the code (\S+)/.exec(shown ?? '')?.[1] ?? ''
    const page = `${this.platform.endpoints.authGateway}/oauth/device`
    await this.platform.approveDevice(page, { userCode })
    await this.says('signed in')
    await title.waitFor({ state: 'hidden' })
  }

  async says(text: string): Promise<void> {
    await expect.poll(() => this.status.getAttribute('aria-label'), patience).toContain(text)
  }

  async reload(): Promise<void> {
    await this.page.reload()
    await this.ready()
  }

  async picture(name: string): Promise<void> {
    if (process.env.SCREENSHOTS === undefined) return
    await this.page.screenshot({
      animations: 'disabled',
      path: join(root, `docs/images/vscode-${name}.png`),
    })
  }
}
