import { raceSignal } from '../../async/abort.ts'

/** The one object store of the database. */
const storeName = 'records'

/** Which database, and until when. */
export interface DatabasePlace {
  readonly factory: IDBFactory
  readonly name: string
  /** Ends waiting, and undoes a transaction that is not being written yet. */
  readonly signal: AbortSignal
}

/** What is done in one transaction. It may wait for requests only: for anything else that would not stay open. */
type Work<T> = (records: IDBObjectStore) => Promise<T>

/** Reads. @returns `undefined` when there is no database; then there is none after it either */
export function readRecords<T>(place: DatabasePlace, work: Work<T>): Promise<T | undefined> {
  return withDatabase(place, (db) => transact(db, { mode: 'readonly', place, work }))
}

/** Writes; what it gives counts when it is on the disk. @returns `undefined` when there is no database */
export function changeRecords<T>(place: DatabasePlace, work: Work<T>): Promise<T | undefined> {
  return withDatabase(place, (db) => transact(db, { mode: 'readwrite', place, work }))
}

/** Makes the database, if it is not there yet. */
export async function createDatabase(place: DatabasePlace): Promise<void> {
  let db = await open(place, { create: true })
  // It was begun and not finished, or is somebody else's by the same name.
  if (db !== undefined && !isOurs(db)) {
    db.close()
    db = await open(place, { create: true, version: db.version + 1 })
  }
  db?.close()
}

/**
 * Removes a database that is empty, as well as it can: after what another page is in the middle of, and not
 * where the browser refuses it (Firefox does on a full disk).
 */
export function removeDatabase({ factory, name, signal }: DatabasePlace): Promise<void> {
  return new Promise((resolve) => {
    const request = factory.deleteDatabase(name)
    request.onsuccess = () => resolve()
    request.onerror = (event) => {
      event.preventDefault()
      resolve()
    }
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** What a request gives. */
export function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = rejectWith(request, reject)
  })
}

/**
 * Opens the database and closes it again. Nobody keeps it open in between: a page that stands still
 * blocks no other, "clear site data" meets no connection, and what a browser does to the connections of
 * pages it has put aside does not matter.
 */
async function withDatabase<T>(
  place: DatabasePlace,
  work: (db: IDBDatabase) => Promise<T>,
): Promise<T | undefined> {
  if (await isAbsent(place)) return undefined
  const db = await open(place, { create: false })
  if (db === undefined) return undefined
  try {
    return isOurs(db) ? await work(db) : undefined
  } finally {
    db.close()
  }
}

/** Opening would begin the database to find out that there is none, which Firefox cannot do on a full disk. */
async function isAbsent({ factory, name, signal }: DatabasePlace): Promise<boolean> {
  try {
    const databases = await raceSignal(factory.databases(), signal)
    return databases.every((database) => database.name !== name)
  } catch {
    // It may not be asked, or is of before 2024 and has no such question: opening tells.
    return false
  }
}

function isOurs(db: IDBDatabase): boolean {
  return db.objectStoreNames.contains(storeName)
}

/** @param options.version default: the one it has, so that an older version of this page can open it, too */
function open(
  { factory, name, signal }: DatabasePlace,
  { create, version }: { readonly create: boolean; readonly version?: number },
): Promise<IDBDatabase | undefined> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const request = factory.open(name, version)
    let absent = false
    request.onupgradeneeded = () => {
      absent = !create
      if (absent) request.transaction?.abort()
      else request.result.createObjectStore(storeName)
    }
    request.onsuccess = () => {
      // Nobody waits for it any more.
      if (signal.aborted) request.result.close()
      else resolve(request.result)
    }
    request.onerror = (event) => {
      if (absent) resolve(undefined)
      rejectWith(request, reject)(event)
    }
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

async function transact<T>(
  db: IDBDatabase,
  {
    mode,
    place: { signal },
    work,
  }: { readonly mode: IDBTransactionMode; readonly place: DatabasePlace; readonly work: Work<T> },
): Promise<T> {
  const transaction = db.transaction(storeName, mode, { durability: 'strict' })
  const abort = () => {
    try {
      transaction.abort()
    } catch {
      // It has ended, or is being written: then its end is what counts.
    }
  }
  const ended = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => {
      const lost = new DOMException('The browser has ended the transaction.', 'AbortError')
      reject(transaction.error ?? signal.reason ?? lost)
    }
  })
  ended.catch(() => {})
  signal.addEventListener('abort', abort, { once: true })
  try {
    const result = await work(transaction.objectStore(storeName))
    await ended
    return result
  } catch (error) {
    abort()
    // A request only says that its transaction has ended; that says why.
    throw isAborted(error)
      ? await ended.then(
          () => error,
          (reason: unknown) => reason,
        )
      : error
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

function isAborted(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError'
}

/** Prevents the default as well: Firefox reports to the page what nobody seems to have dealt with. */
function rejectWith(request: IDBRequest, reject: (error: unknown) => void): (event: Event) => void {
  return (event) => {
    event.preventDefault()
    reject(request.error)
  }
}
