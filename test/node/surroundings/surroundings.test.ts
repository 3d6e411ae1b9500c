import { describe, expect, it } from 'vitest'
import { browserHere } from '../../../src/node/surroundings/browser.ts'
import type { Facts } from '../../../src/node/surroundings/facts.ts'
import {
  detectSurroundings,
  type Surroundings,
} from '../../../src/node/surroundings/surroundings.ts'

interface Machine {
  readonly env?: Record<string, string>
  readonly platform?: NodeJS.Platform
  readonly files?: readonly string[]
  readonly kernel?: string
}

function factsOf({ env = {}, platform = 'linux', files = [], kernel = 'Linux' }: Machine): Facts {
  return {
    env,
    platform,
    exists: (path) => files.includes(path),
    read: (path) => (path === '/proc/version' ? kernel : ''),
  }
}

const nothing: Surroundings = {
  ssh: false,
  container: false,
  ci: false,
  display: false,
  wsl: false,
  cloudWorkspace: false,
  remoteVsCode: false,
}
const display = { DISPLAY: ':0' }
const wslKernel = 'Linux version 5.15.153.1-microsoft-standard-WSL2'
const ssh = { SSH_CONNECTION: '10.0.0.2 50000 10.0.0.1 22' }
const vscode = { VSCODE_IPC_HOOK_CLI: '/tmp/vscode-ipc-1.sock' }
const docker = ['/.dockerenv']

/** Each machine, what is seen of it, and why no browser can be opened there that comes back. */
const machines: readonly (readonly [string, Machine, Partial<Surroundings>, RegExp?])[] = [
  ['a Linux desktop with X', { env: display }, { display: true }],
  ['a Linux desktop with Wayland', { env: { WAYLAND_DISPLAY: 'wayland-0' } }, { display: true }],
  ['a Linux server at its console', {}, {}, /system has no display/],
  ['a Mac', { platform: 'darwin' }, { display: true }],
  ['Windows', { platform: 'win32' }, { display: true }],
  ['an Android phone', { platform: 'android' }, { display: true }],
  ['SSH to a server', { env: ssh }, { ssh: true }, /SSH session/],
  [
    'SSH with forwarded windows',
    { env: { ...ssh, DISPLAY: 'localhost:10.0' } },
    { ssh: true, display: true },
    /SSH session/,
  ],
  [
    'SSH to a Mac',
    { platform: 'darwin', env: { SSH_TTY: '/dev/ttys1' } },
    { ssh: true, display: true },
    /SSH session/,
  ],
  [
    'SSH to Windows',
    { platform: 'win32', env: { SSH_CLIENT: '10.0.0.2 5 22' } },
    { ssh: true, display: true },
    /SSH session/,
  ],
  ['a container of Docker', { files: docker }, { container: true }, /container has no display/],
  [
    'a container of Podman',
    { files: ['/run/.containerenv'] },
    { container: true },
    /container has no display/,
  ],
  [
    'a pod of Kubernetes',
    { env: { KUBERNETES_SERVICE_HOST: '10.0.0.1' } },
    { container: true },
    /container has no display/,
  ],
  [
    'a container of systemd',
    { env: { container: 'systemd-nspawn' } },
    { container: true },
    /container has no display/,
  ],
  ['a desktop in a container', { env: display, files: docker }, { container: true, display: true }],
  [
    'Toolbx, whose windows are those of the host',
    { env: { ...display, container: 'oci' }, files: ['/run/.containerenv'] },
    { container: true, display: true },
  ],
  [
    'WSL without windows of its own',
    { env: { WSL_DISTRO_NAME: 'Ubuntu' }, kernel: wslKernel },
    { wsl: true, display: true },
  ],
  ['WSL as a root who has lost the variables', { kernel: wslKernel }, { wsl: true, display: true }],
  [
    'WSL in a terminal of VS Code',
    { env: { ...vscode, WSL_DISTRO_NAME: 'Ubuntu' } },
    { wsl: true, display: true },
  ],
  [
    'SSH into WSL',
    { env: { ...ssh, WSL_DISTRO_NAME: 'Ubuntu' } },
    { wsl: true, display: true, ssh: true },
    /SSH session/,
  ],
  [
    'a container on WSL',
    { files: docker, kernel: wslKernel },
    { container: true },
    /container has no display/,
  ],
  [
    'a terminal of VS Code on a remote machine',
    { env: { ...vscode, ...display } },
    { remoteVsCode: true, display: true },
    /VS Code is on another machine/,
  ],
  [
    'a development container',
    { env: { REMOTE_CONTAINERS: 'true', ...display }, files: docker },
    { remoteVsCode: true, container: true, display: true },
    /VS Code is on another machine/,
  ],
  [
    'a terminal of VS Code on this desktop',
    { env: { ...display, TERM_PROGRAM: 'vscode' } },
    { display: true },
  ],
  [
    'Codespaces',
    { env: { CODESPACES: 'true', ...vscode }, files: docker },
    { cloudWorkspace: true, remoteVsCode: true, container: true },
    /cloud workspace/,
  ],
  [
    'Gitpod',
    { env: { GITPOD_WORKSPACE_ID: 'a-workspace' } },
    { cloudWorkspace: true },
    /cloud workspace/,
  ],
  ['GitHub Actions', { env: { CI: 'true', GITHUB_ACTIONS: 'true' } }, { ci: true }, /build server/],
  [
    'Jenkins on a desktop',
    { env: { JENKINS_URL: 'https://ci.example', ...display } },
    { ci: true, display: true },
    /build server/,
  ],
  [
    'Azure Pipelines on Windows',
    { platform: 'win32', env: { TF_BUILD: 'True' } },
    { ci: true, display: true },
    /build server/,
  ],
  [
    'a desktop where CI was switched off',
    { env: { CI: 'false', GITHUB_ACTIONS: '0', ...display } },
    { display: true },
  ],
  [
    'a desktop with empty variables',
    { env: { SSH_CONNECTION: '', CI: '', CODESPACES: '', ...display } },
    { display: true },
  ],
]

describe('the surroundings of a program', () => {
  it.each(machines.map(([name, machine, seen, refusal]) => ({ name, machine, seen, refusal })))(
    '$name',
    ({ machine, seen, refusal }) => {
      const surroundings = detectSurroundings(factsOf(machine))
      expect(surroundings).toEqual({ ...nothing, ...seen })
      expect(browserHere(surroundings)).toEqual(
        refusal === undefined
          ? { ok: true }
          : { ok: false, reason: expect.stringMatching(refusal) },
      )
    },
  )
})
