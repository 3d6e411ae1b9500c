import type { EditorPromptTexts } from './editor-prompts.ts'

export const englishTexts: EditorPromptTexts = {
  title: 'Sign in to Lanonasis',
  titleWithCode: (userCode) => `Sign in to Lanonasis with the code ${userCode}`,
  instruction: 'Sign in on the page, with any browser, and allow it there.',
  openPage: 'Open Page',
  copyAddress: 'Copy Address',
  paste: 'Sign in on the page, and paste the address that the browser has ended on, or the code.',
  closed: (userCode) =>
    `The sign-in goes on${userCode === undefined ? '' : `, with the code ${userCode}`}. It can be cancelled in its notification.`,
  showAgain: 'Show Again',
  problems: {
    'not-an-answer': 'That is neither the address that the browser has ended on, nor a code.',
    'another-sign-in': 'That is the answer to another sign-in.',
    'address-needed': 'The code alone is not enough here: paste the whole address.',
    refused: 'The service does not know that code: it was cut off, or is too old.',
  },
  waits: {
    'another-sign-in': 'another window is at it…',
    approval: 'waiting for you to allow it…',
    server: 'waiting for the server…',
    tokens: 'almost there…',
  },
}
