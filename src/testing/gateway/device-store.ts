import { randomToken, randomUserCode } from '../crypto/random.ts'

/** A device that waits for a person (RFC 8628). */
interface DeviceRequest {
  readonly deviceCode: string
  readonly userCode: string
  readonly clientId: string
  readonly expiresAt: number
  decision: 'pending' | 'denied' | { readonly userId: string }
}

export interface DeviceStore {
  start(clientId: string): DeviceRequest
  /** By the code the device polls with; an expired or used one is gone. */
  byDeviceCode(code: string): DeviceRequest | undefined
  byUserCode(code: string): DeviceRequest | undefined
  finish(request: DeviceRequest): void
}

export const deviceSeconds = 900
export const pollSeconds = 5

export function createDeviceStore(now: () => number): DeviceStore {
  const requests = new Map<string, DeviceRequest>()
  const alive = (request: DeviceRequest | undefined) =>
    request !== undefined && request.expiresAt > now() ? request : undefined
  return {
    start(clientId) {
      const request: DeviceRequest = {
        deviceCode: randomToken(43),
        userCode: randomUserCode(),
        clientId,
        expiresAt: now() + deviceSeconds * 1000,
        decision: 'pending',
      }
      requests.set(request.deviceCode, request)
      return request
    },
    byDeviceCode: (code) => alive(requests.get(code)),
    byUserCode(code) {
      const wanted = code.toUpperCase().replace(/[^A-Z0-9]/g, '')
      for (const request of requests.values()) {
        if (request.userCode.replace('-', '') === wanted) return alive(request)
      }
      return undefined
    },
    finish(request) {
      requests.delete(request.deviceCode)
    },
  }
}
