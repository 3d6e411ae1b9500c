import { useEffect, useState, useSyncExternalStore } from 'react'
import { client, signedIn } from './client.ts'
import { ApiKeys } from './keys/api-keys.tsx'
import { Memories } from './memories/memories.tsx'
import { Announcements } from './parts/announce.tsx'
import { Logo } from './parts/logo.tsx'
import { Problem } from './parts/problem.tsx'
import { useTask } from './parts/use-task.ts'
import { SignIn } from './sign-in.tsx'

/** The session is the library's: whatever another tab does with it is seen here, too. */
export function App() {
  const session = useSyncExternalStore(
    client.subscribe,
    client.getSnapshot,
    client.getServerSnapshot,
  )
  const [farewell, setFarewell] = useState<string>()
  const [storeNote, setStoreNote] = useState<string>()
  const { run, busy, problem, setProblem } = useTask()

  useEffect(() => {
    signedIn.catch(setProblem)
  }, [setProblem])
  useEffect(
    () => client.on('store', (event) => 'instead' in event && setStoreNote(event.instead.note)),
    [],
  )

  const signOut = () =>
    run(async () => {
      const { revoked, reason } = await client.logout()
      setFarewell(revoked ? '' : reason)
    })

  return (
    <Announcements>
      <header className="top">
        <a className="brand" href="/">
          <Logo /> Lanonasis
        </a>
        {session.status === 'signed-in' && (
          <button
            type="button"
            title="In every tab of this browser"
            onClick={signOut}
            disabled={busy}
          >
            Sign out everywhere
          </button>
        )}
      </header>
      {session.degraded && (
        <p className="notice warning" role="status">
          The sign-in service cannot be reached. You stay signed in, and it is tried again.
        </p>
      )}
      {storeNote && (
        <p className="notice" role="status">
          {storeNote}
        </p>
      )}
      <main aria-busy={session.status === 'loading'}>
        {session.status === 'loading' ? (
          <p className="loading" role="status">
            Looking for your session …
          </p>
        ) : session.status === 'signed-in' ? (
          <>
            <div className="title">
              <h1>Dashboard</h1>
              <p>The keys your programs use, and what they remember.</p>
            </div>
            <Problem of={problem} />
            <div className="columns">
              <ApiKeys />
              <Memories />
            </div>
          </>
        ) : (
          <SignIn expired={session.status === 'expired'} farewell={farewell} problem={problem} />
        )}
      </main>
    </Announcements>
  )
}
