// Runs worker.bundle.mjs in workerd: node workerd.mjs <miniflare> <input>
const [, , miniflarePath = '', input = ''] = process.argv
const { Miniflare } = (await import(miniflarePath)).default
const miniflare = new Miniflare({
  // By name: what is imported on first use, and is not installed, is not looked for.
  modules: [{ type: 'ESModule', path: 'worker.bundle.mjs' }],
  compatibilityDate: '2026-04-01',
})
try {
  const answer = await miniflare.dispatchFetch('http://worker/', { method: 'POST', body: input })
  console.log(await answer.text())
} finally {
  await miniflare.dispose()
}
