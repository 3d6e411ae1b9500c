import { it, onTestFinished } from 'vitest'
import { servePlatform } from '../../src/testing-node.ts'
import { closeBrowsersAfterwards, newProfile } from '../support/browsers.ts'
import { freshProject } from './fresh-project.ts'
import { readMemoriesInPage, rememberSomething } from './person.ts'
import { bundled, versionsOf } from './scaffolds.ts'
import { serve } from './serve.ts'

closeBrowsersAfterwards()

it('a new page with Vite signs in by redirect, and lists memories', async (context) => {
  const platform = await servePlatform({ limits: false })
  onTestFinished(() => platform.close())
  await rememberSomething(platform)
  const project = await freshProject('my-page', {
    manifest: {
      type: 'module',
      scripts: {
        build: 'tsc && vite build --logLevel warn',
        start: 'vite preview --host 127.0.0.1 --port 0',
      },
      devDependencies: versionsOf('typescript', 'vite'),
    },
    files: {
      'tsconfig.json': {
        compilerOptions: { ...bundled, types: ['vite/client'] },
        include: ['src'],
      },
    },
    env: platform.env,
  })
  const origin = await serve(project)
  platform.allowOrigin(origin)
  platform.addClient({ clientId: 'my-page', redirectUris: [`${origin}/`] })

  const tab = await (await newProfile('chromium', context)).open(origin)
  await readMemoriesInPage(tab, platform)
})
