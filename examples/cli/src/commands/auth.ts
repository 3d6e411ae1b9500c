import type { Command } from 'commander'
import { importOld } from './auth/import.js'
import { login } from './auth/login.js'
import { logout } from './auth/logout.js'
import { status } from './auth/status.js'
import { token } from './auth/token.js'

export function fill(auth: Command): void {
  for (const define of [login, logout, status, token, importOld]) define(auth)
}
