// Says what happens, step by step, and how long each took.

export function createReport() {
  /** @type {{ name: string, ms: number }[]} */
  const steps = []

  return {
    steps,

    say(/** @type {string} */ text) {
      console.log(text)
    },

    /**
     * Runs one step and prints how it went; a text that it returns is printed beside it.
     * @template T
     * @param {string} name
     * @param {() => Promise<T>} work
     * @returns {Promise<T>}
     */
    async step(name, work) {
      const startedAt = performance.now()
      const result = await work()
      const ms = Math.round(performance.now() - startedAt)
      steps.push({ name, ms })
      const detail = typeof result === 'string' ? `  ${result}` : ''
      console.log(`  ✓ ${name.padEnd(34)} ${String(ms).padStart(5)} ms${detail}`)
      return result
    },

    fail(/** @type {unknown} */ error) {
      console.error(`  ✗ ${error instanceof Error ? error.message : error}`)
    },

    finish(/** @type {Record<string, number>} */ requests) {
      const total = Object.values(requests).reduce((sum, count) => sum + count, 0)
      const list = Object.entries(requests).map(([name, count]) => `${name} ${count}`)
      console.log(`${total} requests: ${list.join(', ')}.`)
    },
  }
}

const routes = [
  ['authorize', /\/oauth\/authorize$/],
  ['login', /\/login$|cli-login$/],
  ['token', /\/oauth\/token$/],
  ['introspect', /\/oauth\/introspect$/],
  ['revoke', /\/oauth\/revoke$/],
  ['apiKeys', /\/api-keys/],
  ['memory', /\/memor(y|ies)/],
]

/**
 * How often each route was asked.
 * @param {readonly { path: string }[]} requests
 * @returns {Record<string, number>}
 */
export function countRequests(requests) {
  /** @type {Record<string, number>} */
  const counts = {}
  for (const { path } of requests) {
    const name = String(
      routes.find(([, pattern]) => new RegExp(pattern ?? '').test(path))?.[0] ?? 'other',
    )
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}
