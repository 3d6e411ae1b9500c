import type { Command } from 'commander'
import { create } from './memory/create.js'
import { remove } from './memory/delete.js'
import { get } from './memory/get.js'
import { list } from './memory/list.js'
import { search } from './memory/search.js'
import { stats } from './memory/stats.js'
import { update } from './memory/update.js'

export function fill(memory: Command): void {
  for (const define of [list, create, get, update, remove, search, stats]) define(memory)
}
