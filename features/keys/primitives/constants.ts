/**
 * The round constants and initial values of SHA-2 (FIPS 180-4, sections 4.2 and 5.3), computed from their
 * definition: the first 64 bits of the fractional parts of square and cube roots of primes. SHA-256 has
 * the first half of each.
 */
export interface ShaConstants {
  /** Words of 32 bits, the high one of each pair first. */
  readonly initial: Int32Array;
  /** Of SHA-384, from the next eight primes. */
  readonly initial384: Int32Array;
  readonly round: Int32Array;
}

let known: ShaConstants | undefined;

/** Public; computed when it is first asked for. */
export function shaConstants(): ShaConstants {
  if (known !== undefined) return known;
  const primes = firstPrimes(80);
  known = {
    initial: pairs(primes.slice(0, 8).map((prime) => root(prime << 128n, 2n))),
    initial384: pairs(primes.slice(8, 16).map((prime) => root(prime << 128n, 2n))),
    round: pairs(primes.map((prime) => root(prime << 192n, 3n))),
  };
  return known;
}

/** Every second word: what SHA-256 takes of the constants of SHA-512. */
export function highWords(words: Int32Array, length: number): Int32Array {
  return Int32Array.from({ length }, (_, index) => words[index * 2] as number);
}

function firstPrimes(count: number): readonly bigint[] {
  const primes: bigint[] = [];
  for (let candidate = 2n; primes.length < count; candidate++) {
    if (primes.every((prime) => candidate % prime !== 0n)) primes.push(candidate);
  }
  return primes;
}

/** The largest integer whose power is not above `value`, by bisection. */
function root(value: bigint, power: bigint): bigint {
  let [low, high] = [0n, 1n << 80n];
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** power > value) high = middle;
    else low = middle;
  }
  return low;
}

function pairs(values: readonly bigint[]): Int32Array {
  const words = new Int32Array(values.length * 2);
  values.forEach((value, index) => {
    words[index * 2] = Number(BigInt.asIntN(32, value >> 32n));
    words[index * 2 + 1] = Number(BigInt.asIntN(32, value));
  });
  return words;
}
