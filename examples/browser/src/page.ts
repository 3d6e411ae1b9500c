import { createClient, indexedDbStore } from '@lanonasis/auth-client/browser'

const { AUTH_GATEWAY_URL, MCP_HTTP_URL } = import.meta.env
const env = { AUTH_GATEWAY_URL, MCP_HTTP_URL }
// This store outlives a reload, and is shared by all tabs.
const lanonasis = createClient({ clientId: 'my-page', env, store: indexedDbStore() })

const [button, problem, list] = document.querySelectorAll('button, p, ul')
const row = (text: string) => Object.assign(document.createElement('li'), { textContent: text })
const tell = (error: Error) => problem?.replaceChildren(error.message)
const isSignedIn = () => lanonasis.getSnapshot().status === 'signed-in'
const toggle = () => (isSignedIn() ? lanonasis.logout() : lanonasis.login()).catch(tell)

async function show() {
  const session = lanonasis.getSnapshot()
  button?.replaceChildren(isSignedIn() ? 'Sign out' : 'Sign in')
  const items = isSignedIn() ? (await lanonasis.memory.list()).items : []
  if (session !== lanonasis.getSnapshot()) return // a later one is shown by now
  list?.replaceChildren(...items.map(({ title }) => row(title)))
}

button?.addEventListener('click', toggle)
lanonasis.subscribe(() => show().catch(tell)) // whichever tab it was
lanonasis.completeLogin().catch(tell) // finishes a sign-in that has just come back
