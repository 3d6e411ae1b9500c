import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { requirePrograms } from '../../support/system-packages.ts'
import { until } from '../session/agents.ts'

const run = promisify(execFile)

/** The desktop of a person: a home, a session bus, and a keyring on it. All of it is thrown away. */
export interface Desktop {
  readonly home: string
  /** The variables of a program on this desktop. */
  readonly env: Readonly<Record<string, string>>
  /** Stops the keyring from answering, and lets it go on. */
  stall(): void
  resume(): void
  /** Logs in anew, without the password: the keyring is there, and locked. */
  lock(): Promise<void>
  /** Logs in anew, with the password. */
  unlock(): Promise<void>
  end(): Promise<void>
}

/** Why there can be no keyring on this machine; `undefined`: there can. */
export async function obstacleToKeyring(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'it needs the Secret Service of Linux'
  const { missing } = await requirePrograms(
    { names: ['gnome-keyring-daemon'], package: 'gnome-keyring' },
    { names: ['dbus-daemon'], package: 'dbus' },
    { names: ['dbus-send'], package: 'dbus' },
  )
  return missing
}

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** A desktop with an unlocked keyring. */
export async function startDesktop(): Promise<Desktop> {
  const home = await mkdtemp(join(tmpdir(), 'auth-client-desktop-'))
  const address = `unix:path=${join(home, 'bus')}`
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: home,
    XDG_RUNTIME_DIR: home,
    XDG_DATA_HOME: join(home, 'data'),
    DBUS_SESSION_BUS_ADDRESS: address,
  }
  const config = join(home, 'bus.conf')
  await writeFile(config, busConfig(address))
  const bus = begin('dbus-daemon', ['--nofork', '--nopidfile', `--config-file=${config}`])
  await until(() => hasOwner('org.freedesktop.DBus'), { what: 'A session bus' })
  let keyring = await login(true)

  async function login(unlocked: boolean): Promise<ChildProcess> {
    const child = unlocked
      ? begin('gnome-keyring-daemon', ['--unlock', ...asService], 'a password')
      : begin('gnome-keyring-daemon', asService)
    await until(() => hasOwner('org.freedesktop.secrets'), { what: 'A keyring' })
    return child
  }

  async function loginAnew(unlocked: boolean): Promise<void> {
    await finish(keyring)
    await until(async () => !(await hasOwner('org.freedesktop.secrets')))
    keyring = await login(unlocked)
  }

  function begin(command: string, args: readonly string[], input?: string): ChildProcess {
    const child = spawn(command, args, {
      env,
      stdio: [input === undefined ? 'ignore' : 'pipe', 'ignore', 'ignore'],
    })
    child.stdin?.end(input)
    running.add(child)
    return child
  }

  async function hasOwner(name: string): Promise<boolean> {
    const call = ['org.freedesktop.DBus.NameHasOwner', `string:${name}`]
    const to = ['--session', '--print-reply', '--dest=org.freedesktop.DBus', '/']
    const { stdout } = await run('dbus-send', [...to, ...call], { env }).catch(() => ({
      stdout: '',
    }))
    return stdout.includes('boolean true')
  }

  async function finish(child: ChildProcess): Promise<void> {
    running.delete(child)
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  return {
    home,
    env,
    stall: () => void keyring.kill('SIGSTOP'),
    resume: () => void keyring.kill('SIGCONT'),
    lock: () => loginAnew(false),
    unlock: () => loginAnew(true),
    async end() {
      await Promise.all([finish(keyring), finish(bus)])
      await rm(home, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** A bus that starts nothing by itself: otherwise there would soon be a keyring that nobody here knows of. */
const busConfig = (address: string) => `<busconfig>
  <type>session</type>
  <listen>${address}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
  <limit name="max_completed_connections">100000</limit>
  <limit name="max_incomplete_connections">10000</limit>
  <limit name="max_connections_per_user">100000</limit>
</busconfig>
`

const asService = ['--foreground', '--components=secrets']
