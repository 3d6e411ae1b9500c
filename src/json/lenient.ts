import * as z from 'zod/mini'

/**
 * What a schema makes of a value, or else another value, made anew each time: what one caller does with a list
 * must not show in the next answer. zod's own `catch` is written so that bundlers keep all of zod's tools for it,
 * a third of what we take of zod.
 *
 * @internal
 */
export function orElse<Type extends z.core.$ZodType>(type: Type, make: () => z.output<Type>) {
  return z.pipe(
    z.optional(z.unknown()),
    z.transform((input): z.output<Type> => {
      const parsed = z.safeParse(type, input)
      return parsed.success ? parsed.data : make()
    }),
  )
}

/**
 * What is not as it should be counts as not there.
 *
 * @internal
 */
export function ifValid<Type extends z.core.$ZodType>(type: Type) {
  return z.optional(orElse(z.optional(type), () => undefined))
}
