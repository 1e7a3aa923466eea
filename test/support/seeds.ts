import { randomInt } from 'node:crypto'

import { fc } from '@fast-check/vitest'

/**
 * Properties are tried on the same cases each time, so that what makes them fail is a change.
 *
 * @remarks `TEST_SEED=random` tries others, `TEST_SEED=12` those of 12; a failure names its seed.
 */
// oxlint-disable-next-line node/no-process-env -- chosen by whoever runs the tests
const { TEST_SEED: chosen = '1' } = process.env
fc.configureGlobal({ seed: chosen === 'random' ? randomInt(2 ** 31) : Number(chosen) })
