/** One who does the work of a measure. */
export interface Contender {
  readonly name: string
  /** Does it once. @returns the value, in the measure's unit */
  run(): Promise<number>
}

/** What a measure is given. */
export interface Setup {
  /** The server of all measures, in a process of its own. */
  readonly origin: string
  /** How much work a round is, compared to the normal one. */
  readonly scale: number
}

/** Something to measure. The first contender is the base that the others are compared with. */
export interface Measure {
  readonly name: string
  readonly title: string
  readonly unit: string
  readonly better: 'more' | 'less'
  prepare(setup: Setup): Promise<{
    readonly contenders: readonly Contender[]
    readonly close: () => Promise<void>
  }>
}

/** What came of a measure. */
export interface MeasureResult {
  readonly name: string
  readonly title: string
  readonly unit: string
  readonly better: 'more' | 'less'
  readonly contenders: readonly {
    readonly name: string
    readonly median: number
    /** How many times the base. */
    readonly ratio: number
    readonly rounds: readonly number[]
  }[]
}
