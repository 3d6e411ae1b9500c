// What a consumer's program may look like; compiled against the packed package, never run.
import {
  AuthClient,
  AuthError,
  type Memory,
  memoryStore,
  type Session,
} from '@lanonasis/auth-client'
import { createClient, fileStore, loopbackFlow } from '@lanonasis/auth-client/node'
import { createPlatform } from '@lanonasis/auth-client/testing'
import { servePlatform } from '@lanonasis/auth-client/testing/node'

export async function commandLine(): Promise<string> {
  const lanonasis = createClient({
    clientId: 'lanonasis-cli',
    store: fileStore({ path: '/nowhere/.maas.config' }),
    login: loopbackFlow({ timeoutMs: 1_000 }),
  })
  const stop = lanonasis.on('session', (session: Session) => session.status satisfies string)
  await lanonasis.login({ onPrompt: (prompt) => prompt.type satisfies string })
  await lanonasis.apiKeys.ensure({ name: 'my-laptop' })
  const created: Memory = await lanonasis.memory.create({
    title: 'Example',
    content: 'Details',
    type: 'context',
  })
  for await (const memory of lanonasis.memory.list({ tags: ['tag'] })) {
    memory.createdAt satisfies Date | undefined
  }
  stop()
  return created.id
}

export async function test(): Promise<boolean> {
  const platform = createPlatform({ limits: false })
  const client = new AuthClient({
    clientId: 'lanonasis-cli',
    fetch: platform.fetch,
    now: platform.clock.now,
    store: memoryStore({ tokens: await platform.issueTokens() }),
  })
  const served = await servePlatform()
  await served.close()
  return client instanceof AuthError
}

// @ts-expect-error: an unknown option is a mistake, so the types really are there and not `any`.
createClient({ clientID: 'lanonasis-cli' })
