import type { Check } from './check.ts'
import { accessCheck } from './checks/access.ts'
import { authorizeCheck } from './checks/authorize.ts'
import { clientsCheck } from './checks/clients.ts'
import { clockCheck } from './checks/clock.ts'
import { corsCheck } from './checks/cors.ts'
import { endpointsCheck } from './checks/endpoints.ts'
import { errorsCheck } from './checks/errors.ts'
import { keyCheck } from './checks/key.ts'
import { metadataCheck } from './checks/metadata.ts'
import { servicesCheck } from './checks/services.ts'
import { sessionCheck } from './checks/session.ts'
import { socketCheck } from './checks/socket.ts'
import { storeCheck } from './checks/store.ts'
import { tlsCheck } from './checks/tls.ts'
import { tokenCheck } from './checks/token.ts'

/** All checks, in the order of a report: what is outside first, then what is here. */
export const checks: readonly Check[] = [
  endpointsCheck,
  servicesCheck,
  socketCheck,
  tlsCheck,
  clockCheck,
  corsCheck,
  metadataCheck,
  authorizeCheck,
  clientsCheck,
  tokenCheck,
  errorsCheck,
  storeCheck,
  sessionCheck,
  keyCheck,
  accessCheck,
]
