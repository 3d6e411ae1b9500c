import type { Env } from '../../endpoints/resolve.ts'
import type { Facts } from './facts.ts'

/** Where a program runs, as far as it matters for a sign-in. */
export interface Surroundings {
  /** Over SSH: the person, and with them the browser, is elsewhere. */
  readonly ssh: boolean
  readonly container: boolean
  /** A build server: nobody is there. */
  readonly ci: boolean
  /** Whether a window can be opened on this system. */
  readonly display: boolean
  /** Linux inside of Windows, whose browser is on the same machine and reaches our ports. */
  readonly wsl: boolean
  /** A machine in the cloud that a browser shows: GitHub Codespaces, Gitpod, Cloud Shell. */
  readonly cloudWorkspace: boolean
  /** A terminal of VS Code whose window is on another machine. */
  readonly remoteVsCode: boolean
}

/** Systems with windows of their own, whatever the variables say. */
const alwaysWindows = new Set<NodeJS.Platform>(['darwin', 'win32', 'android'])

/** Files that Docker and Podman put into a container. */
const containerFiles = ['/.dockerenv', '/run/.containerenv']

const ciVariables = [
  'GITHUB_ACTIONS',
  'GITLAB_CI',
  'BUILDKITE',
  'CIRCLECI',
  'TF_BUILD',
  'JENKINS_URL',
  'TEAMCITY_VERSION',
  'CODEBUILD_BUILD_ID',
  'BITBUCKET_BUILD_NUMBER',
]

const cloudVariables = ['CODESPACES', 'GITPOD_WORKSPACE_ID', 'CLOUD_SHELL', 'GOOGLE_CLOUD_SHELL']

/** What the facts say. A pure function, so that any machine can be tried on any other. */
export function detectSurroundings(facts: Facts): Surroundings {
  const { env, platform, exists } = facts
  const linux = platform === 'linux'
  const container =
    linux &&
    (containerFiles.some(exists) ||
      isSet(env, 'container') ||
      isSet(env, 'KUBERNETES_SERVICE_HOST') ||
      isSet(env, 'REMOTE_CONTAINERS'))
  // A container on WSL has the kernel of WSL, and nothing else of it.
  const wsl = linux && !container && isWsl(facts)
  return {
    ssh: anySet(env, ['SSH_CONNECTION', 'SSH_CLIENT', 'SSH_TTY']),
    container,
    ci: isSet(env, 'CI') || anySet(env, ciVariables),
    display: alwaysWindows.has(platform) || wsl || anySet(env, ['DISPLAY', 'WAYLAND_DISPLAY']),
    wsl,
    cloudWorkspace: anySet(env, cloudVariables),
    // VS Code itself goes by this variable; it is not set in the terminals of a local window.
    remoteVsCode: !wsl && anySet(env, ['VSCODE_IPC_HOOK_CLI', 'REMOTE_CONTAINERS']),
  }
}

function isWsl({ env, read }: Facts): boolean {
  return anySet(env, ['WSL_DISTRO_NAME', 'WSL_INTEROP']) || /microsoft/i.test(read('/proc/version'))
}

function anySet(env: Env, names: readonly string[]): boolean {
  return names.some((name) => isSet(env, name))
}

/** `CI=false` and the like are how a person switches such a variable off. */
function isSet(env: Env, name: string): boolean {
  const value = env[name]
  return value !== undefined && !/^(false|0|no|off|)$/i.test(value.trim())
}
