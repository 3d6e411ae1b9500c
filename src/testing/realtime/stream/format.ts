/** One event of a stream (WHATWG HTML §9.2). */
export function eventText(event: {
  readonly name?: string | undefined
  readonly id?: string | undefined
  readonly data: unknown
}): string {
  const { name, id, data } = event
  const lines = [`data: ${JSON.stringify(data)}`]
  if (id !== undefined) lines.unshift(`id: ${id}`)
  if (name !== undefined) lines.unshift(`event: ${name}`)
  return `${lines.join('\n')}\n\n`
}
