import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

/** Draws from one seeded sequence. Two generators with the same seed and stream give the same draws for ever. */
export interface Random {
  /** In [0, 1), with 32 bits. */
  next(): number
  chance(probability: number): boolean
  /** A whole number from `minimum` to `maximum`, both inclusive. */
  integer(minimum: number, maximum: number): number
  between(minimum: number, maximum: number): number
  pick<T>(list: readonly T[]): T
  exponential(mean: number): number
  /** Log-normal by its median; `sigma` is the standard deviation of the logarithm. */
  logNormal(median: number, sigma: number): number
  poisson(mean: number): number
}

const TWO_TO_32 = 4294967296

/** `stream` keeps the draws for one purpose apart from those for another, so that one can change without the other. */
export function createRandom(seed: number, stream: number): Random {
  const generator = xoroshiro128plus((seed ^ Math.imul(stream + 1, 0x9e3779b1)) | 0)
  const next = () => (generator.next() >>> 0) / TWO_TO_32
  const exponential = (mean: number) => -Math.log(1 - next()) * mean
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
  return {
    next,
    exponential,
    chance: (probability) => next() < probability,
    integer: (minimum, maximum) => minimum + Math.floor(next() * (maximum - minimum + 1)),
    between: (minimum, maximum) => minimum + next() * (maximum - minimum),
    pick: (list) => list[Math.floor(next() * list.length)]!,
    logNormal: (median, sigma) => median * Math.exp(sigma * normal()),
    poisson: (mean) => (mean < 30 ? poissonSmall(mean, next) : poissonLarge(mean, normal)),
  }
}

/** Knuth's product of uniforms. */
function poissonSmall(mean: number, next: () => number): number {
  const limit = Math.exp(-mean)
  let count = 0
  for (let product = next(); product > limit; product *= next()) count++
  return count
}

/** Its normal approximation, whose error no chart can show from 30 up. */
function poissonLarge(mean: number, normal: () => number): number {
  return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()))
}

/** Picks an index with probability in proportion to its weight. */
export type Chooser = (random: Random) => number

/** Constant time per draw, by the alias method (Vose 1991). Weights are positive. */
export function createChooser(weights: readonly number[]): Chooser {
  const size = weights.length
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const share = weights.map((weight) => (weight * size) / total)
  const alias = weights.map((_, index) => index)
  const small = share.flatMap((value, index) => (value < 1 ? [index] : []))
  const large = share.flatMap((value, index) => (value < 1 ? [] : [index]))
  while (small.length > 0 && large.length > 0) {
    const less = small.pop()!
    const more = large[large.length - 1]!
    alias[less] = more
    share[more] = share[more]! - (1 - share[less]!)
    if (share[more]! < 1) small.push(large.pop()!)
  }
  return (random) => {
    const index = Math.floor(random.next() * size)
    return random.next() < share[index]! ? index : alias[index]!
  }
}
