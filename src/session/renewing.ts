// One part, loaded when a session is to be renewed, or kept fresh by itself.
export { autoRefresh } from './auto-refresh.ts'
export { LockedRenewals } from './locked-renewals.ts'
export { settle } from './settlement.ts'
