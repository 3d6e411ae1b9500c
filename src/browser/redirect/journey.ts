// One part, loaded when a sign-in leaves the page or has come back to it.
export { depart, judgePage } from './depart.ts'
export { finishReturn } from './finish-return.ts'
