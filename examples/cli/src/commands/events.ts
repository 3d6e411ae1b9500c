import type { McpEvent } from '@lanonasis/auth-client'
import type { Command } from 'commander'
import { add, count } from '../glue/numbers.js'
import { note, paint, print, printJson } from '../glue/output.js'
import { connect, does } from '../glue/task.js'

interface Options {
  readonly type?: readonly string[]
  readonly limit?: number
}

export function fill(events: Command): void {
  events
    .option('--type <name>', 'only events of this type; may be repeated', add)
    .option('--limit <number>', 'end after so many', count)
    .action(
      does<Options>(async (task, { type: types, limit = Number.POSITIVE_INFINITY }) => {
        const client = await connect(task)
        const { signal, options } = task
        const stream = client.mcp.events({
          signal,
          onState: (state) => {
            if (state.type === 'open') note('Waiting for events. Ctrl-C ends it.')
            else note(`No connection${state.error ? ` (${state.error.code})` : ''}; trying again.`)
          },
        })
        let left = limit
        if (left === 0) return
        for await (const event of stream) {
          if (types !== undefined && !types.includes(event.type)) continue
          await (options.json ? printJson(event) : print(await toLine(event)))
          left -= 1
          if (left === 0) return
        }
      }),
    )
}

async function toLine({ type, data }: McpEvent): Promise<string> {
  const { oneLine } = await import('@lanonasis/auth-client')
  const { bold, dim } = paint(process.stdout)
  const time = new Date().toISOString().slice(11, 19)
  return `${dim(time)}\t${bold(oneLine(type))}\t${oneLine(JSON.stringify(data))}`
}
