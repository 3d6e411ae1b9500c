import { createClient, type NodeClientOptions } from '@lanonasis/auth-client/node'

/** Signs in where nobody is, writes a memory, and lists what is there. */
export async function remember(options: NodeClientOptions = {}): Promise<void> {
  await using lanonasis = createClient(options)

  const { status } = await lanonasis.getSession()
  if (status !== 'signed-in') await lanonasis.login() // opens the browser
  await lanonasis.apiKeys.ensure({ name: 'my-laptop' }) // an API key, stored beside the tokens
  await lanonasis.memory.create({ title: 'Example', content: 'Details', tags: ['tag'] })

  for await (const memory of lanonasis.memory.list({ tags: ['tag'] })) {
    console.log(memory.title)
  }
}
