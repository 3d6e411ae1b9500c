// The extension in an editor of its own, on services that run on this machine: npm run try
// Another editor: EDITOR_COMMAND=cursor npm run try
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { servePlatform } from '@lanonasis/auth-client/testing/node'

const { EDITOR_COMMAND = 'code' } = process.env
const platform = await servePlatform({ limits: false })
const [user] = platform.users
console.log(`Sign in as ${user?.email} with the password "${user?.password}".`)
console.log('This ends when the window is closed.')

const folder = await mkdtemp(join(tmpdir(), 'lanonasis-editor-'))
const places = ['--user-data-dir', folder, '--extensions-dir', join(folder, 'extensions')]
const flags = ['--new-window', '--wait', `--extensionDevelopmentPath=${import.meta.dirname}`]
const editor = spawn(EDITOR_COMMAND, [...flags, ...places], {
  env: { ...process.env, ...platform.env },
  stdio: 'inherit',
})
try {
  const [code] = await once(editor, 'close')
  process.exitCode = code ?? 1
} catch {
  console.error(
    `${EDITOR_COMMAND} could not be started. Name your editor’s command in EDITOR_COMMAND.`,
  )
  process.exitCode = 1
} finally {
  await platform.close()
  await rm(folder, { recursive: true, force: true })
}
