/** Cases with their titles, for `it.each(…)('%s', …)`: the form `$name` cuts long texts. */
export function titled<Case>(
  cases: readonly Case[],
  titleOf: (testCase: Case) => string,
): [string, Case][] {
  return cases.map((testCase) => [titleOf(testCase), testCase])
}
