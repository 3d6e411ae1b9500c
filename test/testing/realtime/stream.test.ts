import { createPlatform } from '../../../src/testing.ts'
import { streamBehaviour } from './stream-behaviour.ts'

streamBehaviour('in the process', async (options) => createPlatform(options))
