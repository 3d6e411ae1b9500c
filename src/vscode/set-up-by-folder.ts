/**
 * ★1 Whether a folder that is opened may have set up the machine that the extension runs on, its variables and
 * its home (`devcontainer.json`). Of the machines that an editor can work on, only two are surely the person's own:
 * the one in front of them, and WSL on it. A list of containers would never be complete, and a container that is
 * reached over SSH, as DevPod has it, says `ssh-remote` like any other machine.
 */
export function isSetUpByFolder(remoteName: string | undefined): boolean {
  return remoteName !== undefined && remoteName !== 'wsl'
}
