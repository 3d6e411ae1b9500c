import { remember } from './remember.js'

await remember()
