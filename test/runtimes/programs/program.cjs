// Runs in Node.js as CommonJS, in a project that has the package: program.cjs <order>
const library = require('@lanonasis/auth-client')
const node = require('@lanonasis/auth-client/node')

async function main() {
  const [{ runCases }, { onNode }] = await Promise.all([
    import('../portable/suite.mjs'),
    import('./on-node.mjs'),
  ])
  const order = JSON.parse(process.argv[2] ?? '')
  console.log(JSON.stringify(await runCases(onNode(library, node, order), order)))
}

main()
