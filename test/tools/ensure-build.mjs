/** Says nothing but errors, so that the output of the program that follows stands alone. */
import { ensureBuild } from './build.mjs'

await ensureBuild()
