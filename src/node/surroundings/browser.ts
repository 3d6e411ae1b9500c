import type { FlowAvailability } from '../../login/flow.ts'
import type { Surroundings } from './surroundings.ts'

/**
 * Whether a browser can be opened by this program *and* come back to a port of this machine.
 *
 * | surroundings | verdict |
 * |---|---|
 * | WSL | yes: the browser of Windows reaches the ports of WSL |
 * | SSH, a cloud workspace, a remote window of VS Code | no: a browser opened here is not where the person is |
 * | a build server | no: nobody is there |
 * | no display | no |
 * | a container with a display (a desktop in a container, Toolbx, Distrobox) | yes |
 * | a desktop | yes |
 */
export function browserHere(surroundings: Surroundings): FlowAvailability {
  const { ssh, container, ci, display, cloudWorkspace, remoteVsCode } = surroundings
  if (ci) return no('this is a build server, where nobody sits at a browser')
  if (cloudWorkspace) return no('this is a cloud workspace, whose ports your browser cannot reach')
  if (ssh) return no('this is an SSH session, and your browser is on another machine')
  if (remoteVsCode) return no('the window of VS Code is on another machine than this terminal')
  if (!display) return no(`this ${container ? 'container' : 'system'} has no display for a browser`)
  return { ok: true }
}

function no(reason: string): FlowAvailability {
  return { ok: false, reason }
}
