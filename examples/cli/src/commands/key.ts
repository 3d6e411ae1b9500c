import type { Command } from 'commander'
import { create } from './key/create.js'
import { list } from './key/list.js'
import { revoke } from './key/revoke.js'
import { rotate } from './key/rotate.js'

export function fill(key: Command): void {
  for (const define of [create, list, rotate, revoke]) define(key)
}
