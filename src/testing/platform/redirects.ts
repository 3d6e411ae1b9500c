import type { ServiceRequest } from '../http/exchange.ts'

// What fetch takes off at another origin. X-API-Key is not among it (★7).
const leftBehind = ['authorization', 'proxy-authorization', 'cookie', 'host']
const describeBody = ['content-encoding', 'content-language', 'content-location', 'content-type']

/**
 * The request that follows a redirect.
 * @see https://fetch.spec.whatwg.org/#http-redirect-fetch
 */
export function followed(
  request: ServiceRequest,
  { status, location }: { readonly status: number; readonly location: string },
): ServiceRequest {
  const url = new URL(location, request.url)
  if (url.hash === '') url.hash = request.url.hash
  const headers = new Headers(request.headers)
  const becomesGet =
    ((status === 301 || status === 302) && request.method === 'POST') ||
    (status === 303 && request.method !== 'GET' && request.method !== 'HEAD')
  if (becomesGet) for (const name of describeBody) headers.delete(name)
  if (url.origin !== request.url.origin) for (const name of leftBehind) headers.delete(name)
  return {
    ...request,
    url,
    headers,
    ...(becomesGet ? { method: 'GET', text: '' } : {}),
  }
}
