/**
 * How many a second, when so many were done.
 *
 * @param {number} count
 * @param {() => Promise<unknown>} work
 */
export async function perSecond(count, work) {
  const startedAt = performance.now()
  await work()
  return count / ((performance.now() - startedAt) / 1_000)
}
