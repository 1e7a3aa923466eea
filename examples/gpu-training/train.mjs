/** Two noisy half-moons, split into examples to learn from and examples held out. */
export function makeData({ samples, seed }) {
  const random = createRandom(seed)
  const all = Array.from({ length: samples }, () => makeExample(random))
  const cut = Math.floor(samples * 0.8)
  return { train: all.slice(0, cut), heldOut: all.slice(cut) }
}

function makeExample(random) {
  const label = random() < 0.5 ? 0 : 1
  const angle = random() * Math.PI
  const noise = () => (random() + random() + random() - 1.5) * 0.3
  const [x, y] =
    label === 0 ? [Math.cos(angle), Math.sin(angle)] : [1 - Math.cos(angle), 0.5 - Math.sin(angle)]
  return { x: round(x + noise()), y: round(y + noise()), label }
}

/** Logistic regression on features of degree three, by stochastic gradient descent. */
export async function train({ examples, epochs, seed }, { checkpoint, log, signal }) {
  const { epoch: from = 0, weights = Array.from({ length: FEATURES }, () => 0) } =
    checkpoint.load() ?? {}
  for (let epoch = from; epoch < epochs; epoch++) {
    const order = shuffled(examples, createRandom(seed + epoch))
    const rate = 0.3 / (1 + epoch * 0.1)
    for (const { x, y, label } of order) {
      const features = featuresOf(x, y)
      const error = label - sigmoid(dot(weights, features))
      for (let at = 0; at < FEATURES; at++) weights[at] += rate * error * features[at]
    }
    checkpoint.save({ epoch: epoch + 1, weights })
    log.info('epoch %d of %d', epoch + 1, epochs)
    // Lets the process hear that it is to stop.
    await new Promise((resolve) => setImmediate(resolve))
    if (signal.aborted) throw signal.reason
  }
  return { weights, epochs, resumedFrom: from }
}

/** Accuracy on examples that were not learnt from, its 95 % interval (Wilson), and what guessing gives. */
export function evaluate({ weights, examples }) {
  const right = examples.filter(
    ({ x, y, label }) => (dot(weights, featuresOf(x, y)) > 0 ? 1 : 0) === label,
  ).length
  const ones = examples.filter(({ label }) => label === 1).length
  const count = examples.length
  return {
    accuracy: round(right / count),
    interval: wilson(right, count).map(round),
    baseline: round(Math.max(ones, count - ones) / count),
  }
}

const FEATURES = 10

function featuresOf(x, y) {
  return [1, x, y, x * x, x * y, y * y, x * x * x, x * x * y, x * y * y, y * y * y]
}

function dot(left, right) {
  return left.reduce((sum, value, at) => sum + value * right[at], 0)
}

function sigmoid(value) {
  return 1 / (1 + Math.exp(-value))
}

function wilson(right, count) {
  const z = 1.96
  const share = right / count
  const middle = (share + (z * z) / (2 * count)) / (1 + (z * z) / count)
  const half =
    (z * Math.sqrt((share * (1 - share)) / count + (z * z) / (4 * count * count))) /
    (1 + (z * z) / count)
  return [middle - half, middle + half]
}

function shuffled(list, random) {
  const copy = [...list]
  for (let at = copy.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1))
    ;[copy[at], copy[other]] = [copy[other], copy[at]]
  }
  return copy
}

/** A seeded generator (mulberry32), so that the same seed gives the same data everywhere. */
function createRandom(seed) {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

function round(value) {
  return Math.round(value * 10_000) / 10_000
}
