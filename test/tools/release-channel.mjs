/**
 * Who is given a version without asking for it: node test/tools/release-channel.mjs v1.2.3 v1.2.2 v1.2.1
 *
 * The tag of the release, and all tags that there are. What it prints is the tag at npm.
 */

/**
 * @param {string} tag
 * @param {readonly string[]} tags
 * @returns {string} `next` for a pre-release, `latest` for the highest version, and for a correction of an older
 *   one a tag of its own, such as `latest-1.2`: who asks for nothing keeps the newest
 */
export function releaseChannel(tag, tags) {
  if (tag.includes('-')) return 'next'
  const released = tags.filter((each) => /^v\d+\.\d+\.\d+$/.test(each)).map(numbersOf)
  const own = numbersOf(tag)
  const isHighest = released.every((other) => compare(own, other) >= 0)
  return isHighest ? 'latest' : `latest-${own.slice(0, 2).join('.')}`
}

/** @param {string} tag */
function numbersOf(tag) {
  return tag.slice(1).split('.').map(Number)
}

/**
 * @param {readonly number[]} left
 * @param {readonly number[]} right
 */
function compare(left, right) {
  const differences = left.map((number, index) => number - (right[index] ?? 0))
  return differences.find((difference) => difference !== 0) ?? 0
}

if (process.argv[1] === import.meta.filename) {
  const [tag = '', ...tags] = process.argv.slice(2)
  console.log(releaseChannel(tag, tags))
}
