import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import tls from 'node:tls'
import { onTestFinished, vi } from 'vitest'

/** A certificate that nobody has signed but itself, and its key; both PEM. */
export interface Certificate {
  readonly certificate: string
  readonly privateKey: string
}

const dayMs = 86_400_000

/** Makes a certificate for these hosts, valid from yesterday until tomorrow, or for two days until `endsAt`. */
export function selfSigned(
  hosts: readonly string[],
  {
    endsAt = Date.now() + dayMs,
    startsAt = endsAt - 2 * dayMs,
  }: { endsAt?: number; startsAt?: number } = {},
): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = sequence(der(0x31, sequence(oid.commonName, der(0x0c, Buffer.from('A test')))))
  const body = sequence(
    der(0xa0, integer(Buffer.of(2))),
    integer(Buffer.concat([Buffer.of(1), randomBytes(8)])),
    sequence(oid.ecdsaWithSha256),
    name,
    sequence(time(startsAt), time(endsAt)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(
      0xa3,
      sequence(
        sequence(oid.basicConstraints, der(0x04, sequence(der(0x01, Buffer.of(0xff))))),
        sequence(oid.subjectAltName, der(0x04, sequence(...hosts.map(alternativeName)))),
      ),
    ),
  )
  const signature = sign('sha256', body, privateKey)
  const whole = sequence(
    body,
    sequence(oid.ecdsaWithSha256),
    der(0x03, Buffer.concat([Buffer.of(0), signature])),
  )
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? []
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/** As NODE_EXTRA_CA_CERTS does it, which only counts when a process starts; until the end of the test. */
export function trust({ certificate }: Certificate): void {
  const { createSecureContext, rootCertificates } = tls
  const spy = vi
    .spyOn(tls, 'createSecureContext')
    .mockImplementation((options) =>
      createSecureContext({ ...options, ca: options?.ca ?? [...rootCertificates, certificate] }),
    )
  onTestFinished(() => spy.mockRestore())
}

const oid = {
  commonName: Buffer.from('0603550403', 'hex'),
  basicConstraints: Buffer.from('0603551d13', 'hex'),
  subjectAltName: Buffer.from('0603551d11', 'hex'),
  ecdsaWithSha256: Buffer.from('06082a8648ce3d040302', 'hex'),
}

/** One element of DER (X.690 §8.1). */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const short = length < 0x80
  const bytes = length < 0x100 ? [length] : [length >> 8, length & 0xff]
  return Buffer.concat([
    Buffer.from(short ? [tag, length] : [tag, 0x80 | bytes.length, ...bytes]),
    content,
  ])
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, ...parts)
}

function integer(bytes: Buffer): Buffer {
  return der(0x02, bytes)
}

/** UTCTime (RFC 5280 §4.1.2.5.1). */
function time(at: number): Buffer {
  const digits = new Date(at).toISOString().replace(/[-:T]/g, '').slice(2, 14)
  return der(0x17, Buffer.from(`${digits}Z`))
}

function alternativeName(host: string): Buffer {
  const isAddress = /^[\d.]+$/.test(host)
  return isAddress
    ? der(0x87, Buffer.from(host.split('.').map(Number)))
    : der(0x82, Buffer.from(host))
}
