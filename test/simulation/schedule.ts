import type { Process } from './process.ts'

/** One thing that can happen next. */
interface Step {
  /** `local`: the store and the lock, which take no time worth mentioning. */
  readonly kind: 'local' | 'remote' | 'timer'
  /** Whose it is: a process that is stopped or dead takes no step. Without: the world's own. */
  readonly owner: Process | undefined
  readonly isReady: () => boolean
  readonly run: () => void
}

interface Timer {
  readonly owner: Process | undefined
  readonly dueAt: number
  readonly callback: () => void
}

const always = () => true

/**
 * Decides what happens next. Everything a process waits for is a step here, and steps are taken one
 * at a time: between two of them every process has run as far as it can. So the order of the steps,
 * which the run chooses, is the only thing that is not determined.
 */
export class Schedule {
  /** The wall clock of all processes, epoch ms. */
  now: number
  /** The process whose step it is; what it starts meanwhile belongs to it. */
  running: Process | undefined
  /** How many steps were taken. */
  taken = 0
  #steps: Step[] = []
  #timers: Timer[] = []

  constructor(now: number) {
    this.now = now
  }

  /** Something that can happen from now on, as soon as it is ready. Returns how to take it back. */
  add(
    kind: Step['kind'],
    owner: Process | undefined,
    run: () => void,
    isReady: () => boolean = always,
  ): () => void {
    const step: Step = { kind, owner, run, isReady }
    this.#steps.push(step)
    return () => this.#remove(step)
  }

  /** A call of a process to the store: first the store acts, then the process hears of it. */
  call<Value>(owner: Process, act: () => Value): Promise<Value> {
    return new Promise((resolve, reject) => {
      this.add('local', owner, () => {
        const hear = attempt(act, resolve, reject)
        this.add('local', owner, hear)
      })
    })
  }

  /** A call that is heard of in the moment it is acted on. */
  instant<Value>(owner: Process, act: () => Value): Promise<Value> {
    return new Promise((resolve, reject) => {
      this.add('local', owner, () => attempt(act, resolve, reject)())
    })
  }

  startTimer(ms: number, callback: () => void): Timer {
    const timer = { owner: this.running, dueAt: this.now + Math.max(0, ms), callback }
    this.#timers.push(timer)
    return timer
  }

  stopTimer(timer: unknown): void {
    this.#timers = this.#timers.filter((other) => other !== timer)
    this.#steps = this.#steps.filter(({ run }) => run !== (timer as Timer | undefined)?.callback)
  }

  /** A process has died: nothing of it happens any more. */
  forget(process: Process): void {
    this.#steps = this.#steps.filter(({ owner }) => owner !== process)
    this.#timers = this.#timers.filter(({ owner }) => owner !== process)
  }

  /** Takes one of the steps that can be taken, 0 being the oldest. @returns whether there was one */
  async take(choice: number, kind?: Step['kind']): Promise<boolean> {
    const possible = this.#steps.filter(
      (step) => isAwake(step.owner) && step.isReady() && (kind ?? step.kind) === step.kind,
    )
    const step = possible[choice % Math.max(1, possible.length)]
    if (step === undefined) return false
    this.#remove(step)
    this.taken += 1
    await this.run(step.owner, step.run)
    return true
  }

  /** Lets a process begin something, and everything run that follows from it at once. */
  async run(owner: Process | undefined, work: () => void): Promise<void> {
    this.running = owner
    work()
    // All microtasks: nothing here waits for the machine (see `determinism.ts`).
    await new Promise<void>((resolve) => setImmediate(resolve))
    this.running = undefined
  }

  /** When something will happen by itself that has not yet. */
  nextTimer(): number | undefined {
    const due = this.#timers.filter(({ owner }) => isAwake(owner)).map(({ dueAt }) => dueAt)
    return due.length === 0 ? undefined : Math.min(...due)
  }

  /** Sets the clock. What is due by then can happen from now on. */
  pass(until: number): void {
    this.now = Math.max(this.now, until)
    const due = this.#timers.filter(({ dueAt }) => dueAt <= this.now)
    if (due.length === 0) return
    this.#timers = this.#timers.filter(({ dueAt }) => dueAt > this.now)
    for (const { owner, callback } of due.sort((one, other) => one.dueAt - other.dueAt)) {
      this.add('timer', owner, callback)
    }
  }

  #remove(step: Step): void {
    const index = this.#steps.indexOf(step)
    if (index >= 0) this.#steps.splice(index, 1)
  }
}

function isAwake(process: Process | undefined): boolean {
  return process === undefined || process.state === 'running'
}

function attempt<Value>(
  act: () => Value,
  resolve: (value: Value) => void,
  reject: (error: unknown) => void,
): () => void {
  try {
    const value = act()
    return () => resolve(value)
  } catch (error) {
    return () => reject(error)
  }
}
