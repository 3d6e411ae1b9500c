// One part, loaded with the first sign-in or sign-out: each part of its own costs more than it spares.
export { completeLogin, completeSignIn } from './complete-sign-in.ts'
export { keepOrDiscard, signInOf } from './keep-grant.ts'
export { explainSignIn, signIn } from './sign-in.ts'
export { destroyAccount, signOut } from './sign-out.ts'
export { untilGivenUp } from './until-given-up.ts'
