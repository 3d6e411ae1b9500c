/**
 * @param {string} what
 * @param {unknown} actual
 * @param {unknown} expected compared as JSON
 */
export function check(what, actual, expected) {
  const [seen, wanted] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (seen !== wanted) throw new Error(`${what}: ${seen} instead of ${wanted}`)
}

/**
 * @param {PromiseLike<unknown>} work
 * @param {import('./suite.mjs').Library} library
 * @returns {Promise<string>} the code of the error that it fails with
 */
export async function codeOf(work, { isAuthError }) {
  try {
    await work
  } catch (error) {
    if (isAuthError(error)) return error.code
    throw error
  }
  return 'no error'
}
