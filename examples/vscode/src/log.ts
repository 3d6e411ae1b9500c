import type { LanonasisClient } from '@lanonasis/auth-client'
import type * as vscode from 'vscode'

/** Writes down what the library reports. Nothing in it is secret, so it is written as it is. */
export function follow(client: LanonasisClient, log: vscode.LogOutputChannel): void {
  log.info('started', JSON.stringify(client))
  client.on('session', (session) => log.info('session', JSON.stringify(session)))
  client.on('refresh', (event) => log.info('renewed', JSON.stringify(event)))
  client.on('degraded', (event) => log.warn('degraded', JSON.stringify(event)))
  client.on('store', (event) => log.warn('store', JSON.stringify(event)))
  client.on('request', (event) => log.info('request', JSON.stringify(event)))
}
