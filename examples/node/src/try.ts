// The same on services that run in this process, with a person who signs in by themselves.
import { memoryStore } from '@lanonasis/auth-client'
import { loopbackFlow } from '@lanonasis/auth-client/node'
import { servePlatform } from '@lanonasis/auth-client/testing/node'
import { remember } from './remember.js'

const platform = await servePlatform()
const openUrl = async (url: string) => void (await fetch(await platform.signIn(url)))

await remember({
  env: platform.env,
  store: memoryStore(),
  login: loopbackFlow({ ports: [0], openUrl }),
})
await platform.close()
