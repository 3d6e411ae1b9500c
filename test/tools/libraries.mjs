import { readFile } from 'node:fs/promises'

/** Text that is in a library's code and nowhere else. */
const marks = {
  zod: 'ZodMiniType',
  'eventsource-parser': 'Cannot feed parser',
  ky: 'ForceRetryError',
  oauth4webapi: 'OAUTH_INVALID_RESPONSE',
  uqr: 'Version value out of range',
  ws: 'permessage-deflate',
}

/**
 * Which of the libraries that are inlined into the build these files hold.
 *
 * @param {readonly string[]} files
 */
export async function librariesIn(files) {
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')))
  return Object.entries(marks)
    .filter(([, mark]) => texts.some((text) => text.includes(mark)))
    .map(([library]) => library)
}
