const names = new Set(['access_token', 'api_key', 'apikey', 'authorization', 'token', 'x-api-key'])

/** Whether a URL carries a credential, which access logs would keep (★6). */
export function hasQueryCredential(url: URL): boolean {
  return [...url.searchParams.keys()].some((name) => names.has(name.toLowerCase()))
}
