/** Rounds of Blowfish, and words of its subkeys. */
const ROUNDS = 16;
const SUBKEYS = ROUNDS + 2;
/** The subkeys, then four tables of 256 words. */
export const BLOWFISH_WORDS: number = SUBKEYS + 4 * 256;

/**
 * Blowfish (Schneier 1993), as bcrypt uses it. Its tables are read at places that follow from the key and
 * the data: no implementation of bcrypt avoids that.
 *
 * @param state subkeys and tables; {@link BLOWFISH_WORDS} words
 */
export function startBlowfish(state: Int32Array): void {
  state.set(digitsOfPi());
}

/** Enciphers the pair at `at` of `words`. */
export function encipher(state: Int32Array, words: Int32Array, at: number): void {
  let left = (words[at] as number) ^ (state[0] as number);
  let right = words[at + 1] as number;
  for (let round = 1; round <= ROUNDS; round += 2) {
    right ^= mixed(state, left) ^ (state[round] as number);
    left ^= mixed(state, right) ^ (state[round + 1] as number);
  }
  words[at] = right ^ (state[ROUNDS + 1] as number);
  words[at + 1] = left;
}

function mixed(state: Int32Array, word: number): number {
  const a = state[SUBKEYS + (word >>> 24)] as number;
  const b = state[SUBKEYS + 256 + ((word >>> 16) & 255)] as number;
  const c = state[SUBKEYS + 512 + ((word >>> 8) & 255)] as number;
  const d = state[SUBKEYS + 768 + (word & 255)] as number;
  return ((((a + b) | 0) ^ c) + d) | 0;
}

/**
 * bcrypt's key schedule: `key` goes over the subkeys, and `salt`, where there is one, into what is
 * enciphered to make the new ones.
 *
 * @param key words, used again from the start where they end
 * @param pair room for two words
 */
export function expandBlowfish(
  state: Int32Array,
  key: Int32Array,
  pair: Int32Array,
  salt: Int32Array | null,
): void {
  for (let index = 0; index < SUBKEYS; index++) {
    state[index] = (state[index] as number) ^ (key[index % key.length] as number);
  }
  pair[0] = 0;
  pair[1] = 0;
  for (let index = 0; index < BLOWFISH_WORDS; index += 2) {
    if (salt !== null) {
      pair[0] = (pair[0] as number) ^ (salt[index % salt.length] as number);
      pair[1] = (pair[1] as number) ^ (salt[(index + 1) % salt.length] as number);
    }
    encipher(state, pair, 0);
    state[index] = pair[0] as number;
    state[index + 1] = pair[1] as number;
  }
}

let pi: Int32Array | undefined;

/** The first bits of the fraction of pi, which Blowfish starts with, by Machin's formula. */
function digitsOfPi(): Int32Array {
  if (pi !== undefined) return pi;
  const bits = BigInt(BLOWFISH_WORDS * 32);
  const guard = 64n; // for what the divisions cut off
  const one = 1n << (bits + guard);
  const whole = 4n * (4n * arctanOfInverse(5n, one) - arctanOfInverse(239n, one));
  let fraction = (whole - 3n * one) >> guard;
  const words = new Int32Array(BLOWFISH_WORDS);
  for (let index = BLOWFISH_WORDS - 1; index >= 0; index--) {
    words[index] = Number(BigInt.asIntN(32, fraction));
    fraction >>= 32n;
  }
  pi = words;
  return words;
}

function arctanOfInverse(x: bigint, one: bigint): bigint {
  let power = one / x;
  let sum = power;
  for (let divisor = 3n, sign = -1n; power > 0n; divisor += 2n, sign = -sign) {
    power /= x * x;
    sum += (sign * power) / divisor;
  }
  return sum;
}
