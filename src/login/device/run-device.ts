import type { LoginContext, LoginGrant } from '../flow.ts'
import type { DeviceFlowOptions } from './device-flow.ts'
import { qrCodeOf } from './qr-code.ts'

/** One sign-in, from the codes to the tokens. */
export async function runDevice(
  { device, prompt }: LoginContext,
  { qrCode: wantsQrCode = true, timeoutMs }: DeviceFlowOptions,
): Promise<LoginGrant> {
  const { url, urlComplete, userCode, expiresAt, finish } = await device.start({ timeoutMs })
  const qrCode = wantsQrCode ? await qrCodeOf(urlComplete) : undefined
  prompt({
    type: 'device-code',
    url,
    userCode,
    expiresAt,
    ...(urlComplete === undefined ? {} : { urlComplete }),
    ...(qrCode === undefined ? {} : { qrCode }),
  })
  prompt({ type: 'waiting', for: 'approval' })
  return finish()
}
