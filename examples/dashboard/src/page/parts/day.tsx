const format = new Intl.DateTimeFormat('en', { dateStyle: 'medium' })

export function Day({ of: date }: { readonly of: Date }) {
  return <time dateTime={date.toISOString()}>{format.format(date)}</time>
}
