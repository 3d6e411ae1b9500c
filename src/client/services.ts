// One part, loaded with the first call for memories or API keys.
export * from '../api-keys/requests.ts'
export { createRest } from '../http/rest.ts'
export * from '../memory/requests.ts'
export { apiKeyOwner, keepApiKey, keyKeeper, revokeStoredKey } from './key-owner.ts'
