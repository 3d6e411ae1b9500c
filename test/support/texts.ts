import fc from 'fast-check'

/** Any text, controls and lone surrogates included. Quicker to make than fast-check's `binary` strings. */
export const anyText = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xff }), fc.integer({ min: 0, max: 0xffff })))
  .map((codes) => String.fromCharCode(...codes))

/** A text that is made of what tokens, keys and hashes are made of. */
export const credentialLike = fc.string({
  unit: fc.constantFrom(...'abcXYZ019_~+/=.-'),
  minLength: 20,
  maxLength: 100,
})
