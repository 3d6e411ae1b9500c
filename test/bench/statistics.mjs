/**
 * The middle one; of an even number of values the mean of the two in the middle.
 *
 * @param {readonly number[]} values
 */
export function median(values) {
  const sorted = [...values].sort((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  const [below = Number.NaN, above = Number.NaN] = [sorted[middle - 1], sorted[middle]]
  return sorted.length % 2 === 1 ? above : (below + above) / 2
}

/**
 * How many times the base a contender is: the median over the rounds, each against the base of the same
 * round, so that what slows down a whole round does not count.
 *
 * @param {readonly number[]} values
 * @param {readonly number[]} base
 */
export function ratioTo(base, values) {
  return median(values.map((value, round) => value / (base[round] ?? Number.NaN)))
}

/**
 * What all do in each round, one after the other. Each round begins with another one: nobody always
 * comes after the same neighbour's garbage. What comes out of the first round, a warm-up, is dropped.
 *
 * @template T
 * @param {readonly (() => Promise<T>)[]} contenders
 * @param {number} rounds
 * @returns {Promise<T[][]>} by contender
 */
export async function interleave(contenders, rounds) {
  /** @type {T[][]} */
  const results = contenders.map(() => [])
  for (let round = 0; round <= rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const which = (round + turn) % contenders.length
      const result = await contenders[which]?.()
      if (round > 0 && result !== undefined) results[which]?.push(result)
    }
  }
  return results
}
