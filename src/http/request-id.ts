/** An id as a service says it, where it is fit for a log. */
export function printableId(id: string | null | undefined): string | undefined {
  return id && /^[\w.:-]{1,80}$/.test(id) ? id : undefined
}

/** The service's own id of the request that it answered. */
export function requestIdOf({ headers }: Response): string | undefined {
  return printableId(headers.get('x-request-id'))
}
