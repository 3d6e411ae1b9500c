import { servePlatform } from '../../../src/testing-node.ts'
import { streamBehaviour } from '../../testing/realtime/stream-behaviour.ts'

streamBehaviour('on a network', servePlatform)
