// Runs of the characters tokens, keys, JWTs and hashes are made of. Ordinary words are shorter.
const credentialLike = /[\w~+/=.-]{20,}/g
// C0 and C1 controls, and the bidirectional overrides that make a terminal show another text.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed here
const unprintable = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g
const maximalLength = 200

/** Makes a text from outside fit for an error message: no controls, nothing that looks like a credential, one short line. */
export function redact(text: string): string {
  const line = text
    .slice(0, maximalLength * 4)
    .replace(unprintable, ' ')
    .replace(credentialLike, '[redacted]')
    .trim()
  return line.length > maximalLength ? `${line.slice(0, maximalLength)}…` : line
}
