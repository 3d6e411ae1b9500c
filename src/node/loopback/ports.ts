import type { LoginContext } from '../../login/flow.ts'

const lanonasisPorts = [8989, 8888, 3000]
const idePorts = [8080, ...lanonasisPorts]
const anyPort = [0]

/** The ports whose redirects are registered, the roadmap's first; any for a server that takes any (RFC 8252 §7.3). */
export function defaultPorts({
  lanonasis,
  clientId,
}: Pick<LoginContext, 'lanonasis' | 'clientId'>): readonly number[] {
  if (!lanonasis) return anyPort
  return clientId.endsWith('-extension') ? idePorts : lanonasisPorts
}
