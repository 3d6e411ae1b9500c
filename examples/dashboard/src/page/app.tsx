import { useEffect, useState, useSyncExternalStore } from 'react'
import { client, signedIn } from './client.ts'
import { ApiKeys } from './keys/api-keys.tsx'
import { KeysOnShow } from './keys/key-on-show.tsx'
import { Memories } from './memories/memories.tsx'
import { Announcements } from './parts/announce.tsx'
import { Logo } from './parts/logo.tsx'
import { Problem } from './parts/problem.tsx'
import { useTask } from './parts/use-task.ts'
import { SignIn } from './sign-in.tsx'
import { useAccount } from './use-account.ts'

/** The session is the library's: whatever another tab does with it is seen here, too. */
export function App() {
  const session = useSyncExternalStore(
    client.subscribe,
    client.getSnapshot,
    client.getServerSnapshot,
  )
  const account = useAccount(session)
  const name = account.names[account.turn]
  const [farewell, setFarewell] = useState<string>()
  const [storeNote, setStoreNote] = useState<string>()
  const { run, busy, problem, setProblem } = useTask()

  useEffect(() => {
    signedIn.catch(setProblem)
  }, [setProblem])
  useEffect(() => {
    if (session.status === 'loading' || session.status === 'signed-in') return
    // What is said of a session that has ended is not true of the next one. Why a sign-in has failed while
    // there was one all the same is: that is said before the session has been read.
    return () => {
      setFarewell(undefined)
      setProblem(undefined)
    }
  }, [session.status, setProblem])
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
          <button type="button" onClick={signOut} disabled={busy}>
            Sign out in all tabs
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
      <KeysOnShow account={account}>
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
                {name && <p className="account">Signed in as {name}</p>}
              </div>
              <Problem of={problem} />
              <div className="columns" key={account.turn}>
                <ApiKeys />
                <Memories />
              </div>
            </>
          ) : (
            <SignIn expired={session.status === 'expired'} farewell={farewell} problem={problem} />
          )}
        </main>
      </KeysOnShow>
    </Announcements>
  )
}
