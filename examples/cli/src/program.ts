import { readFileSync } from 'node:fs'
import { Command, Option } from 'commander'
import { exitCodesText } from './glue/exit-codes.js'

/** What fills a command in; loaded when it is the one that was asked for. */
type Fill = (command: Command) => void

const commands: readonly {
  readonly name: string
  readonly description: string
  readonly load: () => Promise<{ readonly fill: Fill }>
}[] = [
  {
    name: 'auth',
    description: 'sign in and out, and see where you stand',
    load: () => import('./commands/auth.js'),
  },
  {
    name: 'key',
    description: 'manage API keys',
    load: () => import('./commands/key.js'),
  },
  {
    name: 'memory',
    description: 'read and write memories',
    load: () => import('./commands/memory.js'),
  },
  {
    name: 'events',
    description: 'show what happens at MCP Core, as it happens',
    load: () => import('./commands/events.js'),
  },
  {
    name: 'doctor',
    description: 'look into services, credentials and this machine, and say what to do',
    load: () => import('./commands/doctor.js'),
  },
]

/** The command line, with its groups still empty: `--help` reads none of them. */
export function createProgram(): Command {
  const program = new Command('lanonasis')
    .description('Lanonasis from the command line.')
    // Without `-V`: a title or a content that begins so would be taken for it, and nothing written.
    .version(readVersion(), '--version')
    .option('--json', 'print JSON only; everything for people goes to standard error')
    .addOption(profileOption())
    .addOption(environmentOption())
    .option('--legacy-api', 'memories at the old REST API instead of MCP Core')
    .helpCommand(false)
    .addHelpText('after', `\nExit codes:\n${exitCodesText()}`)
    // What is wrong is said like every other failure, and without a secret.
    .configureOutput({ outputError: () => {} })
    .exitOverride()
  for (const { name, description } of commands) {
    program.command(name).description(description).helpCommand(false)
  }
  program.hook('preSubcommand', async (_program, command) => {
    const { fill } = (await commands.find(({ name }) => name === command.name())?.load()) ?? {}
    fill?.(command)
  })
  return program
}

/** A variable that is empty is none, as those of the library: where scripts set it so, it names no account. */
function profileOption(): Option {
  const { LANONASIS_PROFILE } = process.env
  return new Option('--profile <name>', 'one of several accounts of yours').default(
    LANONASIS_PROFILE || 'default',
    'LANONASIS_PROFILE, or "default"',
  )
}

function environmentOption(): Option {
  return new Option('--environment <name>', 'which deployment, whatever the variables say').choices(
    ['production', 'staging'],
  )
}

function readVersion(): string {
  const manifest = new URL('../../package.json', import.meta.url)
  return JSON.parse(readFileSync(manifest, 'utf8')).version
}
