// Runs worker.bundle.mjs in workerd: node workerd.mjs <miniflare> <order>
import { pathToFileURL } from 'node:url'

const [, , miniflarePath = '', order = ''] = process.argv
const { Miniflare } = (await import(pathToFileURL(miniflarePath).href)).default
const miniflare = new Miniflare({
  // By name: what is imported on first use, and is not installed, is not looked for.
  modules: [{ type: 'ESModule', path: 'worker.bundle.mjs' }],
  compatibilityDate: '2026-04-01',
})
try {
  const answer = await miniflare.dispatchFetch('http://worker/', { method: 'POST', body: order })
  console.log(await answer.text())
} finally {
  await miniflare.dispose()
}
