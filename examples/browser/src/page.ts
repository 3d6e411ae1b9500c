import { createClient, indexedDbStore } from '@lanonasis/auth-client/browser'

const { AUTH_GATEWAY_URL, MCP_HTTP_URL } = import.meta.env
const lanonasis = createClient({
  clientId: 'my-page',
  env: { AUTH_GATEWAY_URL, MCP_HTTP_URL },
  store: indexedDbStore(), // outlives a reload, and is shared by all tabs
})

const button = document.querySelector('button') as HTMLButtonElement
const [list] = document.getElementsByTagName('ul')
const problem = document.querySelector('[role=alert]')

const isSignedIn = () => lanonasis.getSnapshot().status === 'signed-in'
const tell = (error: Error) => problem?.replaceChildren(error.message)

async function show() {
  button.textContent = isSignedIn() ? 'Sign out' : 'Sign in'
  list?.replaceChildren()
  if (!isSignedIn()) return
  for await (const { title } of lanonasis.memory.list()) {
    list?.append(Object.assign(document.createElement('li'), { textContent: title }))
  }
}

button.onclick = () => (isSignedIn() ? lanonasis.logout() : lanonasis.login()).catch(tell)
lanonasis.subscribe(() => show().catch(tell)) // whichever tab it was
lanonasis.completeLogin().catch(tell)
