import { createClient, type NodeClientOptions, terminalPrompts } from '@lanonasis/auth-client/node'

/** Signs in where nobody is, writes a memory, and lists what is there. */
export async function remember(options: NodeClientOptions = {}): Promise<void> {
  const lanonasis = createClient(options)
  const { status } = await lanonasis.getSession()
  // Opens the browser; where there is none (SSH, a container), it shows a code for another device.
  if (status !== 'signed-in') await lanonasis.login({ onPrompt: terminalPrompts() })
  await lanonasis.apiKeys.ensure({ name: 'my-laptop' }) // an API key, stored beside the tokens
  await lanonasis.memory.create({ title: 'Example', content: 'Details', tags: ['tag'] })

  for await (const memory of lanonasis.memory.list({ tags: ['tag'] })) {
    console.log(memory.title)
  }
}
