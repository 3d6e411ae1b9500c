import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (path: string) => fileURLToPath(new URL(`./src/${path}`, import.meta.url))

const alias = [
  { find: /^@lanonasis\/auth-client$/, replacement: source('index.ts') },
  { find: /^@lanonasis\/auth-client\/node$/, replacement: source('node.ts') },
  { find: /^@lanonasis\/auth-client\/browser$/, replacement: source('browser.ts') },
  { find: /^@lanonasis\/auth-client\/redis$/, replacement: source('redis.ts') },
  { find: /^@lanonasis\/auth-client\/vscode$/, replacement: source('vscode.ts') },
  { find: /^@lanonasis\/auth-client\/mcp$/, replacement: source('mcp.ts') },
  { find: /^@lanonasis\/auth-client\/testing$/, replacement: source('testing.ts') },
  { find: /^@lanonasis\/auth-client\/testing\/node$/, replacement: source('testing-node.ts') },
]

/** The contract of the wire, that of the stores on each store, and what waits for real time limits. */
const contract = [
  'test/contract/**/*.test.ts',
  'test/{node,vscode}/**/contract.test.ts',
  'test/vscode/windows.test.ts',
]

const slow = [
  ...contract,
  'test/simulation/simulation.test.ts',
  'test/mutants/**',
  'test/e2e/**',
  'test/package/**',
  'test/runtimes/**',
  'test/examples/**',
  'test/projects/**',
]

/** Each file in a process of its own: they put other modules in the place of ours, or count what is left there. */
const alone = [
  'test/**/*.mocked.test.ts',
  'test/async/abort.test.ts',
  'test/http/{send,whole-fetch}.test.ts',
  'test/mcp/{connection,events,socket}/**/*.test.ts',
  'test/node/file-store/damage.test.ts',
  'test/redis/watchers.test.ts',
  'test/session/auto-refresh.test.ts',
]

/** A project per kind of environment: `unit` is quick and needs nothing; the others need sockets, a build, or other programs. */
export default defineConfig({
  resolve: { alias },
  test: {
    // The default leaves one processor free: on a machine with two that is half of it.
    maxWorkers: '100%',
    // What is waited for has to come; how soon is another matter, on a machine that has other work.
    expect: { poll: { timeout: 10_000 } },
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...slow, ...alone],
          // Half the time of these is spent on loading the same modules again: files share them.
          isolate: false,
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: { name: 'alone', include: alone, exclude: slow, testTimeout: 30_000 },
      },
      {
        extends: true,
        test: { name: 'contract', include: contract, testTimeout: 30_000 },
      },
      {
        extends: true,
        test: {
          name: 'simulation',
          include: ['test/simulation/simulation.test.ts'],
          testTimeout: 600_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'mutants',
          include: ['test/mutants/**/*.test.ts'],
          testTimeout: 300_000,
          maxConcurrency: 2,
        },
      },
      {
        extends: true,
        test: { name: 'e2e', include: ['test/e2e/**/*.test.ts'], testTimeout: 60_000 },
      },
      {
        extends: true,
        test: {
          name: 'package',
          include: ['test/package/**/*.test.ts'],
          globalSetup: 'test/tools/consumer-setup.ts',
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'examples',
          include: ['test/examples/**/*.test.ts'],
          globalSetup: 'test/tools/examples-setup.ts',
          testTimeout: 60_000,
          hookTimeout: 600_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'projects',
          include: ['test/projects/**/*.test.ts'],
          globalSetup: 'test/projects/setup.ts',
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'runtimes',
          include: ['test/runtimes/**/*.test.ts'],
          globalSetup: ['test/tools/consumer-setup.ts', 'test/runtimes/setup.ts'],
          testTimeout: 300_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
})
