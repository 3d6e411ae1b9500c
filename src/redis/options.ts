/** A key of the caller: 32 random bytes, or a `CryptoKey` for AES-GCM that may encrypt and decrypt. */
export type RedisEncryptionKey = Uint8Array | CryptoKey

/** Keys while one is replaced by another. */
export interface RedisEncryptionKeys {
  /** What is written is encrypted with this one. */
  readonly current: RedisEncryptionKey
  /** What was written with one of these can still be read, and is encrypted anew when it is written next. */
  readonly previous?: readonly RedisEncryptionKey[] | undefined
  /**
   * Accepts accounts that are not encrypted, which are encrypted when they are written next: for the time in
   * which encryption is introduced. Without it they are refused, because whoever can write to Redis could
   * put one there.
   */
  readonly acceptPlain?: boolean | undefined
}

/** With which key accounts are encrypted. */
export type RedisEncryption = RedisEncryptionKey | RedisEncryptionKeys

/** Where and how {@link redisStore} keeps accounts. */
export interface RedisStoreOptions {
  /** What all its keys and channels begin with; default `lanonasis:auth:`. */
  readonly prefix?: string | undefined
  /** Encrypts each account before it leaves this process. Redis then has nothing to give away. */
  readonly encryption?: RedisEncryption | undefined
  /**
   * How changes by others are heard of. `subscribe` (the default) opens one more connection for all who
   * watch, where the client is one of node-redis; with `poll`, and with every other client, the store looks
   * every two seconds.
   */
  readonly watch?: 'subscribe' | 'poll' | undefined
}
