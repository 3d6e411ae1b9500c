import type { LoginPrompt, LoginWait, PasteProblem } from '../login/flow.ts'
import type { PromptTexts } from './terminal-prompts.ts'

/** What a person is told for a prompt: in their own words, or in English. */
export function textFor(prompt: LoginPrompt, texts: Partial<PromptTexts>): string {
  return textOf({ ...english, ...texts }, prompt)
}

function textOf(texts: PromptTexts, prompt: LoginPrompt): string {
  switch (prompt.type) {
    case 'url':
      return texts.url(prompt)
    case 'device-code':
      return texts['device-code'](prompt)
    case 'paste':
      return texts.paste(prompt)
    case 'waiting':
      return texts.waiting(prompt)
  }
}

const english: PromptTexts = {
  url: ({ url, opened }) =>
    opened
      ? `Sign in with the browser that was opened. If you see none, open this address:\n${url}`
      : `Open this address in a browser on this machine to sign in:\n${url}`,
  'device-code': ({ url, urlComplete, userCode, qrCode }) =>
    [
      `Open this address in a browser on any device:\n${url}`,
      `and enter the code ${userCode}`,
      ...(urlComplete === undefined ? [] : [`or go there with the code:\n${urlComplete}`]),
      ...(qrCode === undefined ? [] : [qrCode]),
    ].join('\n'),
  paste: ({ url, reading, problem }) => {
    const ask = reading ? 'Paste it here; what you paste is not shown.' : ''
    if (problem !== undefined) return `${problems[problem]} ${ask}`.trim()
    return [
      `Open this address in a browser to sign in:\n${url}`,
      'The page at the end may not load; that is all right. Copy its whole address from the address bar.',
      ask,
    ]
      .filter((line) => line !== '')
      .join('\n')
  },
  waiting: (prompt) => waits[prompt.for],
}

const problems = {
  'not-an-answer': 'That is not the address that the sign-in ended on.',
  'another-sign-in': 'That address belongs to another sign-in: take the one of the page above.',
  'address-needed': 'The code alone is not enough: copy the whole address.',
  refused: 'The server does not know that code: copy the whole address.',
} as const satisfies Record<PasteProblem, string>

const waits = {
  'another-sign-in': 'Waiting for a sign-in that is under way in another program.',
  approval: 'Waiting for you to allow it.',
  server: 'The server does not answer now. Trying again.',
  tokens: '',
} as const satisfies Record<LoginWait, string>
