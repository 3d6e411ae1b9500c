import type { Endpoints, Environment } from '@lanonasis/auth-client'
import * as vscode from 'vscode'

/**
 * The user's own settings. The editor ignores what a workspace says of them, because their scope is the application;
 * and it is not even looked at here: a folder that somebody opens must not choose where credentials go.
 */
export function userSettings() {
  const settings = vscode.workspace.getConfiguration('lanonasis')
  return {
    environment: settings.inspect<Environment>('environment')?.globalValue ?? undefined,
    endpoints: settings.inspect<Partial<Endpoints>>('endpoints')?.globalValue,
  }
}

/** Adds addresses that the person has agreed to, to their own settings and no others. What is there stays. */
export async function addAddresses(addresses: Partial<Endpoints>): Promise<void> {
  const settings = vscode.workspace.getConfiguration('lanonasis')
  const endpoints = { ...addresses, ...userSettings().endpoints }
  await settings.update('endpoints', endpoints, vscode.ConfigurationTarget.Global)
}
