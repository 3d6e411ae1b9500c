import { describe, inject, it, type TestContext } from 'vitest'
import {
  browserNames,
  browserPrograms,
  closeBrowsersAfterwards,
  newProfile,
} from '../support/browsers.ts'
import { pathOf } from '../support/path-of.ts'
import { findPrograms, type Wanted } from '../support/system-packages.ts'
import { startWebKit } from '../support/web-kit.ts'
import { checkRuntime } from './check-runtime.ts'
import { servePage } from './page.ts'
import type { Order, Outcome } from './portable/suite.mjs'

const consumer = inject('consumer')
const titles = { chromium: 'Chromium', firefox: 'Firefox' } as const

closeBrowsersAfterwards()

/** What both kinds of drivers can do with a page. */
interface Tab {
  evaluate(expression: string): Promise<unknown>
}

async function exercise(tab: Tab, order: Order): Promise<Record<string, Outcome>> {
  const answer = await tab.evaluate(
    `exercise(${JSON.stringify(order)}).then((outcomes) => JSON.stringify(outcomes))`,
  )
  return JSON.parse(String(answer))
}

/** The paths of programs of the system. */
async function pathsOf(
  wanted: readonly Wanted[],
  context: TestContext,
): Promise<readonly string[]> {
  const { paths, missing, refused = false } = await findPrograms(...wanted)
  if (missing !== undefined) pathOf({ missing, refused }, context)
  return paths
}

describe('a page with the files of the packed package does what every runtime has to be able to do', {
  timeout: 300_000,
}, () => {
  for (const name of browserNames) {
    it(`in ${titles[name]}`, async (context) => {
      await pathsOf([browserPrograms[name]], context)
      await using page = await servePage(consumer)
      await checkRuntime(context, {
        origin: page.origin,
        run: async (order) => {
          const tab = await (await newProfile(name, context)).open(page.origin)
          const agent = String(await tab.evaluate('navigator.userAgent'))
          return {
            outcomes: await exercise(tab, order),
            version: /(?:Chrome|Firefox)\/([\d.]+)/.exec(agent)?.[1] ?? agent,
          }
        },
      })
    })
  }

  it('in WebKitGTK', async (context) => {
    const [driver = '', display = ''] = await pathsOf(
      [
        { names: ['WebKitWebDriver'], package: 'webkit2gtk-driver' },
        { names: ['Xvfb'], package: 'xvfb' },
      ],
      context,
    )
    await using page = await servePage(consumer)
    await checkRuntime(context, {
      origin: page.origin,
      run: async (order) => {
        await using webKit = await startWebKit({ driver, display })
        await webKit.goto(page.origin)
        return { outcomes: await exercise(webKit, order), version: webKit.version }
      },
    })
  })
})
