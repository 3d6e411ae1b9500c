import type { Handler, Route } from './exchange.ts'

/** A route that fits, with the values of its parameters. */
export interface Match {
  readonly handler: Handler
  readonly params: Readonly<Record<string, string>>
}

/** Finds the first route for a method and a path; HEAD is answered by the GET route. */
export function findRoute(
  routes: readonly Route[],
  target: { readonly method: string; readonly path: string },
): Match | undefined {
  const method = target.method === 'HEAD' ? 'GET' : target.method
  for (const route of routes) {
    if (route.method !== method) continue
    const params = matchPath(route.path, target.path)
    if (params !== undefined) return { handler: route.handler, params }
  }
  return undefined
}

function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const expected = pattern.split('/')
  const actual = path.split('/')
  if (expected.length !== actual.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, segment] of expected.entries()) {
    const value = actual[index]
    if (value === undefined) return undefined
    if (segment.startsWith(':') && value !== '') params[segment.slice(1)] = decode(value)
    else if (segment !== value) return undefined
  }
  return params
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
