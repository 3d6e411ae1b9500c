import { expect, it, onTestFinished } from 'vitest'
import { servePlatform } from '../../src/testing-node.ts'
import { closeBrowsersAfterwards, newProfile } from '../support/browsers.ts'
import { freshProject } from './fresh-project.ts'
import { readMemoriesInPage, rememberSomething } from './person.ts'
import { bundled, versionsOf } from './scaffolds.ts'
import { serve } from './serve.ts'

closeBrowsersAfterwards()

const layout = `import type { ReactNode } from 'react'

export default function Layout({ children }: { children: ReactNode }) {
  return <html lang="en"><body>{children}</body></html>
}
`

it('a new application with Next.js reads on the server with a key, and signs in by redirect', async (context) => {
  const platform = await servePlatform({ limits: false })
  onTestFinished(() => platform.close())
  const apiKey = await rememberSomething(platform, ['news'])
  const { AUTH_GATEWAY_URL = '', MCP_HTTP_URL = '' } = platform.env
  const project = await freshProject('my-next-app', {
    manifest: {
      scripts: { build: 'next build', start: 'next start --hostname 127.0.0.1 --port 0' },
      dependencies: versionsOf('next', 'react', 'react-dom'),
      devDependencies: versionsOf('@types/node', '@types/react', 'typescript'),
    },
    files: {
      'app/layout.tsx': layout,
      'tsconfig.json': {
        compilerOptions: {
          ...bundled,
          lib: ['ES2023', 'DOM', 'DOM.Iterable'],
          // As its generator has it.
          skipLibCheck: true,
          allowJs: true,
          resolveJsonModule: true,
          isolatedModules: true,
          incremental: true,
          esModuleInterop: true,
          jsx: 'react-jsx',
          plugins: [{ name: 'next' }],
        },
        include: ['next-env.d.ts', '**/*.ts', '**/*.tsx', '.next/types/**/*.ts'],
        exclude: ['node_modules'],
      },
    },
    env: {
      NEXT_TELEMETRY_DISABLED: '1',
      NEXT_PUBLIC_AUTH_GATEWAY_URL: AUTH_GATEWAY_URL,
      NEXT_PUBLIC_MCP_HTTP_URL: MCP_HTTP_URL,
    },
  })
  const origin = await serve(project, { ...platform.env, LANONASIS_API_KEY: apiKey })
  platform.allowOrigin(origin)
  platform.addClient({ clientId: 'my-page', redirectUris: [`${origin}/`] })

  const html = await (await fetch(origin)).text()
  expect(html).toContain('<li>Written by a tool</li>')
  expect(html).not.toContain(apiKey)

  const tab = await (await newProfile('chromium', context)).open(origin)
  await readMemoriesInPage(tab, platform)
})
