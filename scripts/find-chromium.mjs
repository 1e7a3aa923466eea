/**
 * Says where the browser of the browser suite is; fails when there is none.
 *
 *   node scripts/find-chromium.mjs
 */
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Names under which Chromium and its kin are installed. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

if (process.argv[1] === import.meta.filename) {
  const found = findChromium()
  if (found === undefined) process.exitCode = 1
  else console.log(found)
}

/**
 * PRSM_TEST_CHROMIUM, or a well-known name on the PATH.
 *
 * @returns {string | undefined}
 */
export function findChromium(environment = process.env) {
  const given = environment['PRSM_TEST_CHROMIUM']
  if (given !== undefined && given !== '') return given
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isProgram)
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
