/**
 * The Lanonasis services on loopback sockets, for tests, demonstrations and examples.
 *
 * @module
 */
export {
  type ServedPlatform,
  type ServePlatformOptions,
  servePlatform,
} from './testing/node/serve-platform.ts'
