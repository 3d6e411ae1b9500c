import type { WriteStream } from 'node:tty'

/** Standard output has not taken a result, as on a disk that is full. */
export class OutputFailed extends Error {
  override readonly name: string = 'OutputFailed'
  /** What the system calls it. */
  readonly code: string

  constructor(code: string) {
    super(`The output could not be written (${code}).`)
    this.code = code
  }
}

/** The reader of standard output has gone, as with `| head -1`: nobody needs to be told. */
export class OutputClosed extends OutputFailed {
  override readonly name = 'OutputClosed'
}

/** Pipes, sockets, and Windows call it so; the last is a stream that has failed before. */
const gone = new Set(['EPIPE', 'ECONNRESET', 'EOF', 'ERR_STREAM_DESTROYED'])

/**
 * A pipe whose reader has gone is an event on the stream, which ends a process that does not listen.
 * Who writes results is told by {@link print}; nobody needs to know of notes.
 */
export function forgiveClosedOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
}

/** Writes to standard output, and has written when it returns. */
export async function print(text: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(`${text}\n`, (error?: NodeJS.ErrnoException | null) => {
      if (!error) return resolve()
      const { code = 'unknown' } = error
      reject(gone.has(code) ? new OutputClosed(code) : new OutputFailed(code))
    })
  })
}

/** One JSON value in one line. */
export function printJson(value: unknown): Promise<void> {
  return print(JSON.stringify(value))
}

/** For people: never a result. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** Colours where the stream is a terminal that has them; `NO_COLOR` is respected (https://no-color.org). */
export function paint(stream: WriteStream & { fd: 1 | 2 }) {
  const colours = stream.isTTY && !process.env.NO_COLOR && stream.hasColors()
  const style = (open: number, close: number) => (text: string) =>
    colours ? `\u001b[${open}m${text}\u001b[${close}m` : text
  return {
    bold: style(1, 22),
    dim: style(2, 22),
    red: style(31, 39),
    green: style(32, 39),
    yellow: style(33, 39),
  }
}
