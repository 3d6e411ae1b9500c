import { httpOrigin, joinUrl } from '../../endpoints/url.ts'
import type { Fields } from '../../json/fields.ts'
import { textOf } from '../../json/fields.ts'
import { gatewayServer } from '../../oauth/server.ts'
import { type Answer, inShort } from '../ask.ts'
import {
  type Check,
  failed,
  failure,
  limited,
  ok,
  type Result,
  skipped,
  warning,
} from '../check.ts'
import type { CheckContext } from '../context.ts'
import { atGateway } from '../gateway.ts'

const documents = ['oauth-authorization-server', 'openid-configuration'] as const

/** What the gateway says of itself (RFC 8414), against what the client goes by. */
export const metadataCheck: Check = {
  id: 'metadata',
  title: 'What the gateway says of itself (/.well-known)',
  run: (context) =>
    atGateway(context, async (gateway) => {
      const found = await Promise.all(
        documents.map(async (name) => {
          const answer = await read(context, name, gateway)
          return judge(context, { name, answer, gateway })
        }),
      )
      return found.flat()
    }),
}

function read(
  { ask, first }: CheckContext,
  name: (typeof documents)[number],
  gateway: string,
): Promise<Answer> {
  if (name === 'oauth-authorization-server') return first('authGateway')
  return ask({ service: 'authGateway', url: joinUrl(gateway, `.well-known/${name}`) })
}

async function judge(
  context: CheckContext,
  { name, answer, gateway }: { name: string; answer: Answer; gateway: string },
): Promise<readonly Result[]> {
  const service = 'authGateway'
  if (answer.type === 'unanswered') return [failed(answer.error, { service })]
  const { status, fields } = answer
  if (status === 429) return [limited(answer, { about: name, service })]
  if (status !== 200 || textOf(fields.issuer) === undefined) {
    return [
      failure(`${name} is not there (${inShort(answer)}).`, {
        service,
        expected: '200 with an issuer',
        hint: 'Let the proxy pass /.well-known/* on to the gateway.',
      }),
    ]
  }
  const problems = [
    ...ofIssuer(fields, name, gateway),
    ...ofEndpoints(fields, name, gateway),
    ...ofChallenges(fields, name),
  ]
  const good = problems.length === 0 ? [ok(`${name} fits what the client goes by.`)] : problems
  const userinfo = textOf(fields.userinfo_endpoint)
  const announced = userinfo === undefined ? [] : [await ofUserinfo(context, userinfo, gateway)]
  return [...good, ...announced].map((result) => ({ ...result, service }))
}

function ofIssuer({ issuer }: Fields, name: string, gateway: string): Result[] {
  if (issuer === gateway || issuer === `${gateway}/`) return []
  return [
    failure(`${name} names another issuer${addressIn(issuer)}.`, {
      // ★3 The port is a part of it.
      expected: gateway,
      hint: 'Set the issuer of this build to the address that clients use, port included: clients refuse answers of another issuer.',
    }),
  ]
}

function ofEndpoints(fields: Fields, name: string, issuer: string): Result[] {
  const { metadata } = gatewayServer({ issuer, discover: false, tokenRequestFormat: 'json' })
  const routes = Object.entries(metadata).filter(([field]) => field.endsWith('_endpoint'))
  return routes.flatMap(([field, route]) => {
    const said = textOf(fields[field])
    if (said === String(route)) return []
    const what = `${name} names ${said === undefined ? 'no' : 'another'} ${field}${addressIn(said)}.`
    const hint =
      'Clients that go by the metadata use other routes than this one: make it tell the same.'
    const expected = String(route)
    const elsewhere = said !== undefined && originOf(said) !== httpOrigin(issuer)
    return [elsewhere ? failure(what, { expected, hint }) : warning(what, { expected, hint })]
  })
}

function ofChallenges(fields: Fields, name: string): Result[] {
  const methods = fields.code_challenge_methods_supported
  if (Array.isArray(methods) && methods.includes('S256')) return []
  return [
    failure(`${name} does not announce PKCE with S256.`, {
      expected: 'S256 in code_challenge_methods_supported',
      hint: 'Clients that go by the metadata refuse to sign in: announce S256.',
    }),
  ]
}

/** Announced and missing is the known state: no client of ours asks there. */
async function ofUserinfo({ ask }: CheckContext, said: string, gateway: string): Promise<Result> {
  if (originOf(said) !== httpOrigin(gateway)) {
    return skipped('userinfo is announced at another address, and was not asked.')
  }
  const answer = await ask({ service: 'authGateway', url: new URL(said) })
  const isMissing = answer.type === 'answered' && answer.status === 404
  return ok(isMissing ? 'userinfo is announced and missing, which is known.' : 'userinfo is there.')
}

function originOf(text: string): string | undefined {
  return URL.canParse(text) ? httpOrigin(text) : undefined
}

/** An address of a document from outside, without what may be hidden in it. */
function addressIn(said: unknown): string {
  if (typeof said !== 'string' || !URL.canParse(said)) return ''
  const { origin, pathname } = new URL(said)
  return `: ${origin}${pathname === '/' ? '' : pathname.slice(0, 80)}`
}
