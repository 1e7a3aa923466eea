/** How long each peer runs, seconds, and how many runs it has in flight. */
export const ARGS = ['6', '100'] as const

/** What the script of a peer prints. */
export interface PeerResult {
  readonly stepsPerS: number
}

/** The beginning of a peer's script: `drive(runOne)` keeps runs in flight and prints the rate of steps. */
export const LOOP = `
const [seconds, inFlight] = process.argv.slice(-2).map(Number)
export async function drive(runOne) {
  let done = 0, isOver = false
  const worker = async () => { while (!isOver) { await runOne(); done++ } }
  const workers = Array.from({ length: inFlight }, worker)
  await new Promise((r) => setTimeout(r, 1500)); done = 0
  const start = performance.now()
  await new Promise((r) => setTimeout(r, seconds * 1000))
  console.log(JSON.stringify({ stepsPerS: 3 * done / ((performance.now() - start) / 1000) }))
  isOver = true
  process.exit(0)
}
`
