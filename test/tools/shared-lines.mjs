/**
 * Finds runs of lines that two texts share: the same ones, or ones of the same shape with other names, strings and
 * numbers. A copy that somebody has renamed is still a copy.
 */

/**
 * @typedef {object} Line
 * @property {number} number in its file, from 1
 * @property {string} shape what is left without names and values
 */

/**
 * @typedef {object} Source
 * @property {string} path
 * @property {string} text
 */

/**
 * @typedef {object} SharedRun
 * @property {string} here `path:line`
 * @property {string} there
 * @property {number} lines
 */

const token =
  /(?<comment>\/\/.*|\/\*[\s\S]*?\*\/)|(?<text>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)|(?<pattern>(?<=[=(,:[!&|?{;]\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n])+\/[a-z]*)|(?<number>\b\d[\w.]*)|(?<word>[A-Za-z_$][\w$]*)|(?<mark>[^\s\w])/g

const keywords = new Set(
  'as async await break case catch class const continue default delete do else export extends false finally for from function if implements import in instanceof interface let new null of private readonly return satisfies static super switch this throw true try type typeof undefined void while yield'.split(
    ' ',
  ),
)

/**
 * The lines that say something: neither comments, nor imports, nor brackets alone.
 *
 * @param {string} text
 * @returns {readonly Line[]}
 */
export function linesOf(text) {
  /** @type {Map<number, string[]>} */
  const lines = new Map()
  let number = 1
  let read = 0
  for (const { 0: found, index, groups = {} } of text.matchAll(token)) {
    number += count(text.slice(read, index))
    read = index
    if (groups.comment !== undefined) continue
    const words = lines.get(number) ?? []
    words.push(shapeOf(found, groups))
    lines.set(number, words)
  }
  const all = [...lines].map(([at, words]) => ({ number: at, shape: words.join(' ') }))
  return withoutImports(all).filter(({ shape }) => /[a-z0]/i.test(shape))
}

/**
 * @param {string} found
 * @param {Readonly<Record<string, string | undefined>>} groups
 */
function shapeOf(found, { text, pattern, number, word }) {
  if (text !== undefined) return 'S'
  if (pattern !== undefined) return 'R'
  if (number !== undefined) return '0'
  if (word !== undefined) return keywords.has(word) ? word : 'N'
  return found
}

/** @param {string} text */
function count(text) {
  return text.split('\n').length - 1
}

/** What a module needs is listed there, one name a line. @param {readonly Line[]} lines */
function withoutImports(lines) {
  let isImport = false
  return lines.filter(({ shape }) => {
    const inside = isImport || /^import (?!\()|^export (type )?[{*]/.test(shape)
    isImport = inside && !/from S|^import S|^\}/.test(shape)
    return !inside
  })
}

/**
 * The longest runs of at least `least` lines that a source of `ours` shares with one of `theirs`. A list, in which
 * a few shapes return, is no copy: half of the lines of a run have to differ.
 *
 * @param {readonly Source[]} ours
 * @param {readonly Source[]} theirs
 * @param {{ least?: number }} [options]
 * @returns {readonly SharedRun[]}
 */
export function sharedRuns(ours, theirs, { least = 6 } = {}) {
  const others = theirs.map(({ path, text }) => ({ path, lines: linesOf(text) }))
  /** @type {Map<string, { path: string, lines: readonly Line[], at: number }[]>} */
  const places = new Map()
  for (const other of others) {
    for (const [key, at] of windows(other.lines, least)) {
      const known = places.get(key) ?? []
      known.push({ ...other, at })
      places.set(key, known)
    }
  }
  return ours.flatMap(({ path, text }) => {
    const lines = linesOf(text)
    return [...windows(lines, least)].flatMap(([key, at]) =>
      (places.get(key) ?? []).flatMap((other) => {
        // The run that began a line earlier has told of this one.
        if (lines[at - 1] && lines[at - 1]?.shape === other.lines[other.at - 1]?.shape) return []
        return {
          here: `${path}:${lines[at]?.number}`,
          there: `${other.path}:${other.lines[other.at]?.number}`,
          lines: runLength(lines.slice(at), other.lines.slice(other.at)),
        }
      }),
    )
  })
}

/**
 * @param {readonly Line[]} lines
 * @param {number} least
 * @returns {Iterable<[key: string, at: number]>}
 */
function* windows(lines, least) {
  for (let at = 0; at + least <= lines.length; at += 1) {
    const shapes = lines.slice(at, at + least).map(({ shape }) => shape)
    if (new Set(shapes).size > least / 2) yield [shapes.join('\n'), at]
  }
}

/**
 * @param {readonly Line[]} one
 * @param {readonly Line[]} other
 */
function runLength(one, other) {
  const differs = one.findIndex(({ shape }, index) => shape !== other[index]?.shape)
  return differs === -1 ? one.length : differs
}
