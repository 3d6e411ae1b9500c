/** A certificate, as a connection of its own showed it. */
export interface CertificateFacts {
  /** Epoch ms. */
  readonly validFrom: number
  /** Epoch ms. */
  readonly validTo: number
  /** Why it is not trusted, as OpenSSL calls it, such as `CERT_HAS_EXPIRED`; `undefined`: it is. */
  readonly problem?: string | undefined
}

/** A file, without its content. */
export interface FileFacts {
  /** The permission bits, such as `0o600`; `undefined`: this system has none. */
  readonly mode?: number | undefined
  /** Whether it could be replaced. */
  readonly writable: boolean
}

/** What only a platform can look at, for `client.doctor()`. `createClient` of `./node` passes it in. */
export interface Diagnostics {
  /**
   * The certificate of a service; no request is sent. `undefined`: it cannot be seen from here, for
   * instance behind a proxy.
   */
  readonly certificate?: (
    url: URL,
    options: { readonly signal: AbortSignal },
  ) => Promise<CertificateFacts | undefined>
  /** The file at a path; `undefined`: there is none. */
  readonly file?: (path: string) => Promise<FileFacts | undefined>
}
