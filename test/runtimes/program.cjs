// Runs in Node.js as CommonJS, in a project that has the package.
const library = require('@lanonasis/auth-client')

async function main() {
  const { exercise } = await import('./portable.mjs')
  console.log(JSON.stringify(await exercise(library, JSON.parse(process.argv[2] ?? ''))))
}

main()
