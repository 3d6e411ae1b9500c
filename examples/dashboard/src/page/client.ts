import { createClient, indexedDbStore, redirectFlow } from '@lanonasis/auth-client/browser'

declare global {
  /** From `/config.js`. */
  var dashboard: { readonly clientId: string; readonly env: Readonly<Record<string, string>> }
}

/** Made before anything else runs: it takes the answer to a sign-in out of the address bar. */
export const client = createClient({
  ...dashboard,
  store: indexedDbStore(),
  login: redirectFlow({
    redirectUri: '/auth/callback',
    onReturn: (path) => history.replaceState(null, '', path),
  }),
})

/** The end of a sign-in that brought the person here, if one did. */
export const signedIn = client.completeLogin()
signedIn.catch(() => {}) // the page shows why, once it is there
