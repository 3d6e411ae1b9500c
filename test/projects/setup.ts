import { pack } from '../tools/package.mjs'

/** Packs the library before several files of tests want it at once. */
export default async function packLibrary() {
  await pack()
}
