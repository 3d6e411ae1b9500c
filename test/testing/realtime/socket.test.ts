import { createPlatform } from '../../../src/testing.ts'
import { openInProcess } from '../../support/raw-socket.ts'
import { socketBehaviour } from './socket-behaviour.ts'

socketBehaviour('in the process', async (options) => createPlatform(options), openInProcess)
