import { json, noStore } from '../http/answers.ts'
import { textField } from '../http/body.ts'
import type { Answer, Call } from '../http/exchange.ts'
import type { World } from '../world/world.ts'
import { gatewayError } from './errors.ts'
import { jwtAnswer } from './jwt-answer.ts'

/** `POST /v1/auth/login`: the password sign-in of older clients, which gives the JWT family. */
export async function passwordLogin(world: World, call: Call): Promise<Answer> {
  const email = textField(call.body, 'email')
  const password = textField(call.body, 'password')
  if (email === undefined || password === undefined) {
    return gatewayError(400, 'Email and password are required', { code: 'MISSING_CREDENTIALS' })
  }
  const user = world.users.find(email)
  if (user === undefined || user.password !== password) {
    return gatewayError(401, 'Invalid credentials', { code: 'AUTH_INVALID_CREDENTIALS' })
  }
  return json(200, jwtAnswer(world, { session: await world.jwts.open(user), user }), noStore)
}
