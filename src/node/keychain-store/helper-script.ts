import { pinned } from './keyring.ts'

/**
 * The program of the helper process, for `node --expose-gc -e`: it takes calls over the channel to its parent and
 * nothing from its arguments but the path of the library, which is no secret.
 *
 * It ends by a signal when the parent is gone: an ordinary exit waits for the threads of the process,
 * and one of them may be waiting for a person.
 */
export const helperScript = `'use strict'
const { AsyncEntry, findCredentialsAsync } = require(process.argv[1])
const service = process.argv[2]
const entries = new Map()
const entryOf = (account) => {
  let entry = entries.get(account)
  if (entry === undefined) {
    entry = new AsyncEntry(service, account, ${JSON.stringify(pinned)})
    entries.set(account, entry)
    if (entries.size > 8) {
      entries.delete(entries.keys().next().value)
      // Each one is a connection to the session bus, closed when it is collected.
      gc()
    }
  }
  return entry
}
const run = async ({ method, account, text }) => {
  if (method === 'list') return (await findCredentialsAsync(service)).map(({ account }) => account)
  const entry = entryOf(account)
  if (method === 'set') return entry.setPassword(text)
  if (method === 'delete') return void (await entry.deletePassword())
  return entry.getPassword()
}
process.on('message', async ({ id, call }) => {
  let answer
  try {
    answer = { id, value: (await run(call)) ?? undefined }
  } catch (error) {
    answer = { id, failure: String(error?.message ?? error) }
  }
  if (process.connected) process.send(answer, () => {})
})
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.send({ ready: true })
`
