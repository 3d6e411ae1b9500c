import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { open, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'
import { temporaryDirectory } from '../../support/directories.ts'

const run = promisify(execFile)

/** A place for a config file that can be made to take no more writes. */
interface Place {
  readonly directory: string
  block(path: string): Promise<void>
  unblock(path: string): Promise<void>
}

/** Why a kind of place is not to be had here; `undefined`: it is. */
type Obstacle = string | undefined

/** A way for a place to take no more writes, and whether this machine can bring it about. */
export interface PlaceKind {
  readonly name: string
  readonly obstacle: Obstacle
  make(): Promise<Place>
}

/** Root may do everything but write where nobody can: modes would not stop it. */
export const placeKinds: readonly PlaceKind[] = [
  {
    name: 'a full disk',
    obstacle: obstacleTo('mount'),
    async make() {
      const directory = await smallDisk()
      const filler = join(directory, 'filler')
      return {
        directory,
        block: () => fill(filler),
        unblock: () => unlink(filler),
      }
    },
  },
  {
    name: 'a read-only disk',
    obstacle: obstacleTo('mount'),
    async make() {
      const directory = await smallDisk()
      const remount = async (mode: 'ro' | 'rw') => {
        await run('mount', ['-o', `remount,${mode}`, directory])
      }
      return {
        directory,
        // Refused for the moment in which somebody has a file open for writing.
        block: () => patiently(() => remount('ro')),
        unblock: () => remount('rw'),
      }
    },
  },
  {
    name: 'a file that may not be replaced',
    obstacle: obstacleTo('chattr'),
    async make() {
      const directory = await temporaryDirectory()
      const immutable = new Set<string>()
      onTestFinished(async () => {
        for (const path of immutable) await run('chattr', ['-i', path])
      })
      return {
        directory,
        async block(path) {
          await run('chattr', ['+i', path])
          immutable.add(path)
        },
        async unblock(path) {
          await run('chattr', ['-i', path])
          immutable.delete(path)
        },
      }
    },
  },
]

/** A disk of 256 kB in memory, until the end of the test. */
async function smallDisk(): Promise<string> {
  const directory = await temporaryDirectory()
  await run('mount', ['-t', 'tmpfs', '-o', 'size=256k,mode=0700', 'tmpfs', directory])
  const unmount = () => void spawnSync('umount', ['--lazy', directory])
  process.once('exit', unmount)
  onTestFinished(() => {
    process.off('exit', unmount)
    unmount()
  })
  return directory
}

async function fill(path: string): Promise<void> {
  const file = await open(path, 'wx')
  try {
    const page = Buffer.alloc(4096)
    for (;;) await file.write(page)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  } finally {
    await file.close()
  }
}

async function patiently(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (attempt === 50) throw error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

function obstacleTo(what: 'mount' | 'chattr'): Obstacle {
  if (process.platform !== 'linux') return 'it needs Linux'
  if (process.getuid?.() !== 0) return 'it needs root'
  const probes = {
    mount: 'd=$(mktemp -d) && mount -t tmpfs tmpfs $d && umount $d && rmdir $d',
    chattr: 'f=$(mktemp) && chattr +i $f && chattr -i $f && rm $f',
  }
  try {
    execFileSync('sh', ['-c', probes[what]], { stdio: 'pipe' })
    return undefined
  } catch (error) {
    const said = String((error as { stderr?: Buffer }).stderr ?? error).trim()
    return `${what} is not permitted here: ${said}`
  }
}
