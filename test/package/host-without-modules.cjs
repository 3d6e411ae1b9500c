// Loads a package as Jest does: each file through `vm`, where `import()` fails for want of a callback.
const { readFileSync } = require('node:fs')
const { createRequire } = require('node:module')
const { join } = require('node:path')
const vm = require('node:vm')

/** @type {Map<string, { exports: any }>} */
const modules = new Map()

/** @param {string} file */
function load(file) {
  const known = modules.get(file)
  if (known !== undefined) return known.exports
  const module = { exports: {} }
  modules.set(file, module)
  const { resolve } = createRequire(file)
  const requireFrom = (/** @type {string} */ name) =>
    name.startsWith('node:') ? require(name) : load(resolve(name))
  const code = `(function (exports, require, module) {${readFileSync(file, 'utf8')}\n})`
  new vm.Script(code, { filename: file }).runInThisContext()(module.exports, requireFrom, module)
  return module.exports
}

async function main() {
  const [, , packageName = ''] = process.argv
  const { resolve } = createRequire(join(process.cwd(), 'index.js'))
  const { LanonasisClient } = load(resolve(packageName))
  const client = new LanonasisClient({
    clientId: 'lanonasis-cli',
    apiKey: `lano_${'0'.repeat(64)}`,
    env: {},
    fetch: async () => Response.json({ data: [], pagination: { total: 0 } }),
  })
  const page = await client.memory.list()
  const importFails = await new vm.Script(`import('node:fs')`).runInThisContext().then(
    () => false,
    () => true,
  )
  console.log(JSON.stringify({ items: page.items.length, importFails }))
}

main()
