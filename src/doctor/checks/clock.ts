import type { Answer } from '../ask.ts'
import { type Check, failure, ok, type Result, skipped, warning } from '../check.ts'
import { httpServices } from '../context.ts'

/** Half the margin with which tokens are renewed before their end. */
const noticedMs = 30_000
/** From here on, times that machines write for each other are wrong by a third of a token's life. */
const wrongMs = 300_000

/** This machine's clock against the services' own. */
export const clockCheck: Check = {
  id: 'clock',
  title: 'This machine’s clock against the services’',
  async run(context) {
    const answers = await Promise.all(httpServices.map((service) => context.first(service)))
    const offsets = answers.flatMap((answer, index): { result: Result; offsetMs: number }[] => {
      const offsetMs = offsetOf(answer)
      const service = httpServices[index]
      if (offsetMs === undefined || service === undefined) return []
      return [{ offsetMs, result: { ...judge(offsetMs, answer.url.host), service } }]
    })
    if (offsets.length === 0) return [skipped('No service told the time (Date).')]
    const wrong = offsets.filter(({ result }) => result.status !== 'ok')
    if (wrong.length > 0) return wrong.map(({ result }) => result)
    const largest = Math.max(...offsets.map(({ offsetMs }) => Math.abs(offsetMs)))
    return [ok(`The clocks agree within ${Math.ceil(largest / 1_000)} s.`)]
  },
}

/** How far the service is ahead of us, ms. `Date` has whole seconds; a cache tells how old an answer is. */
function offsetOf(answer: Answer): number | undefined {
  if (answer.type === 'unanswered') return undefined
  const { headers, sentAt, receivedAt } = answer
  const date = Date.parse(headers.get('date') ?? '')
  if (Number.isNaN(date)) return undefined
  const ageMs = (Number(headers.get('age')) || 0) * 1_000
  const earliest = date + ageMs - receivedAt
  const latest = date + ageMs + 1_000 - sentAt
  if (earliest <= 0 && latest >= 0) return 0
  return earliest > 0 ? earliest : latest
}

function judge(offsetMs: number, host: string): Result {
  const size = Math.abs(offsetMs)
  if (size < noticedMs) return ok(`The clock agrees with that of ${host}.`)
  const where = offsetMs > 0 ? 'behind' : 'ahead of'
  const what = `The clock of this machine is ${inWords(size)} ${where} that of ${host}.`
  const details = {
    expected: `at most ${noticedMs / 1_000} s of difference`,
    hint: 'Let this machine set its clock by itself (NTP); if that is right, the service’s clock is wrong.',
  }
  return size < wrongMs ? warning(what, details) : failure(what, details)
}

function inWords(ms: number): string {
  const seconds = Math.round(ms / 1_000)
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`
}
