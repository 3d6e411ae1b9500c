/** What a pattern such as `GET /memory*` is compared with. */
export interface RouteTarget {
  readonly service: string
  readonly method: string
  /** The path after the service's base. */
  readonly path: string
  /** The path as it stands in the URL. */
  readonly fullPath: string
}

/** Whether a pattern (`*`, `/path`, `METHOD /path`, each with `*` for any text) fits a request. */
export function matchesRoute(pattern: string, target: RouteTarget): boolean {
  const [first = '', second] = pattern.trim().split(/\s+/)
  const [method, path] = second === undefined ? ['*', first] : [first, second]
  if (method !== '*' && method.toUpperCase() !== target.method) return false
  const expression = new RegExp(`^${path.split('*').map(escapePattern).join('.*')}$`)
  return expression.test(target.path) || expression.test(target.fullPath)
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
