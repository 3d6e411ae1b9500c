// `node docs/build-troubleshooting.mjs`: writes docs/troubleshooting.md from the definitions of the error codes.
import { readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const definitions = new URL('../src/errors/definitions.ts', import.meta.url)
const guide = new URL('troubleshooting.md', import.meta.url)

/** The order in which a person looks for a code, and where each part of the guides goes on. */
const parts = [
  {
    title: 'Signing in',
    see: 'More: [signing in](signing-in.md), [from a page](signing-in-browser.md), [from an editor](signing-in-vscode.md).',
    codes: [
      ...['login_required', 'login_cancelled', 'login_timeout', 'access_denied'],
      ...['state_mismatch', 'issuer_mismatch', 'port_in_use'],
    ],
  },
  {
    title: 'The session',
    see: 'More: [sessions and the table of failures](sessions.md).',
    codes: ['session_expired', 'refresh_failed', 'lock_timeout'],
  },
  {
    title: 'What the account may do',
    see: 'More: [scope](signing-in.md#scope).',
    codes: ['insufficient_scope', 'forbidden'],
  },
  {
    title: 'API keys',
    see: 'More: [what a 401 means](sessions.md#what-a-401-means). `inspectApiKey(text)` says what a text is, without a request.',
    codes: [
      ...['api_key_malformed', 'api_key_incomplete', 'api_key_expired'],
      ...['api_key_revoked', 'api_key_rejected', 'api_key_left_over'],
    ],
  },
  {
    title: 'Requests and the network',
    see: 'More: [proxies and certificates](networks.md), [realtime](realtime.md).',
    codes: [
      ...['network_error', 'timeout', 'rate_limited', 'service_unavailable', 'server_error'],
      ...['invalid_response', 'not_found', 'conflict', 'validation_failed', 'aborted'],
    ],
  },
  {
    title: 'Settings and storage',
    see: 'More: [where credentials live](stores.md).',
    codes: ['config_invalid', 'origin_not_allowed', 'store_unavailable', 'store_corrupt'],
  },
]

const opening = `# Troubleshooting, by error code

<!-- Written by docs/build-troubleshooting.mjs from src/errors/definitions.ts. Change it there. -->

Every failure is an \`AuthError\`. Its \`code\` says what it is and never changes its meaning; \`message\` names the service,
the file or the setting; \`hint\` says what to do, and may be more precise than here. \`retryable\` says whether the same
call may succeed later without anybody doing anything, \`retryAfterMs\` how long to wait. Nothing in it is secret, so it
can be logged whole.

\`\`\`ts
import { isAuthError } from '@lanonasis/auth-client'

try {
  await lanonasis.memory.list()
} catch (error) {
  if (!isAuthError(error)) throw error
  console.error(error.code, error.message, error.hint, error.requestId ?? '')
}
\`\`\`

When you do not know where to begin, ask [\`client.doctor()\`](doctor.md): it looks at every service, the store, the
session and the key, and says what is wrong.
`

/**
 * The guide, as it should be.
 *
 * @returns {Promise<string>}
 */
export async function troubleshooting() {
  const codes = readDefinitions(await readFile(definitions, 'utf8'))
  const sections = parts.map(({ title, see, codes: members }) => {
    const entries = members.map((code) => {
      const definition = codes.get(code)
      if (definition === undefined) throw new Error(`There is no code ${code}.`)
      codes.delete(code)
      return entry(code, definition)
    })
    return [`## ${title}`, see, ...entries].join('\n\n')
  })
  if (codes.size > 0) throw new Error(`These codes are in no part: ${[...codes.keys()]}.`)
  return `${[opening.trimEnd(), ...sections].join('\n\n')}\n`
}

/**
 * @param {string} code
 * @param {Definition} definition
 */
function entry(code, { meaning, hint, retryable }) {
  // Without code in it: the anchors of the site are made of the plain text of a heading.
  return `### ${code}

${meaning}

**What to do.** ${hint}${retryable ? ' Trying again later may be enough.' : ''}`
}

/**
 * What stands in the table of definitions, with what its comments say.
 *
 * @typedef {{ meaning: string, hint: string, retryable: boolean }} Definition
 * @param {string} text
 */
function readDefinitions(text) {
  const source = ts.createSourceFile('definitions.ts', text, ts.ScriptTarget.Latest, true)
  /** @type {Map<string, Definition>} */
  const found = new Map()
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (!ts.isPropertyAssignment(node) || !ts.isObjectLiteralExpression(node.initializer)) {
      ts.forEachChild(node, visit)
      return
    }
    const code = node.name.getText()
    const [comment] = ts.getJSDocCommentsAndTags(node)
    const meaning = ts.getTextOfJSDocComment(comment?.comment)?.replace(/\s+/g, ' ')
    const fields = new Map(
      node.initializer.properties
        .filter(ts.isPropertyAssignment)
        .map(({ name, initializer }) => [name.getText(), initializer]),
    )
    const hint = fields.get('hint')
    if (meaning === undefined) throw new Error(`${code} has no comment that says what it means.`)
    if (hint === undefined || !ts.isStringLiteralLike(hint)) throw new Error(`${code} has no hint.`)
    const retryable = fields.get('retryable')?.kind === ts.SyntaxKind.TrueKeyword
    found.set(code, { meaning, hint: hint.text, retryable })
  }
  visit(source)
  return found
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(guide, await troubleshooting())
}
