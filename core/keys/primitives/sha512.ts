import { shaConstants } from "./constants.ts";
import type { HashFunction } from "./hash.ts";

/**
 * SHA-512 (FIPS 180-4) over pairs of 32-bit words, the high one first. Where words are added, the carry
 * comes from their bits, so that no number leaves 32 bits.
 */
export const SHA512: HashFunction = {
  blockBytes: 128,
  digestBytes: 64,
  stateWords: 16,
  // The words of 80 rounds, and the eight working variables.
  scheduleWords: 176,
  start(state) {
    state.set(shaConstants().initial);
  },
  compress(state, schedule) {
    expand(schedule);
    const v = WORKING;
    for (let index = 0; index < 16; index++) schedule[v + index] = state[index] as number;
    const { round } = shaConstants();
    for (let t = 0; t < 160; t += 2) oneRound(schedule, round, t);
    for (let index = 0; index < 16; index += 2) {
      add(state, index, schedule[v + index] as number, schedule[v + index + 1] as number);
    }
  },
};

/** Where the working variables stand in the schedule. */
const WORKING = 160;

function expand(w: Int32Array): void {
  for (let t = 32; t < 160; t += 2) {
    const xh = w[t - 30] as number;
    const xl = w[t - 29] as number;
    const yh = w[t - 4] as number;
    const yl = w[t - 3] as number;
    w[t] = ((xh >>> 1) | (xl << 31)) ^ ((xh >>> 8) | (xl << 24)) ^ (xh >>> 7);
    w[t + 1] = ((xl >>> 1) | (xh << 31)) ^ ((xl >>> 8) | (xh << 24)) ^ ((xl >>> 7) | (xh << 25));
    add(
      w,
      t,
      ((yh >>> 19) | (yl << 13)) ^ ((yl >>> 29) | (yh << 3)) ^ (yh >>> 6),
      ((yl >>> 19) | (yh << 13)) ^ ((yh >>> 29) | (yl << 3)) ^ ((yl >>> 6) | (yh << 26)),
    );
    add(w, t, w[t - 14] as number, w[t - 13] as number);
    add(w, t, w[t - 32] as number, w[t - 31] as number);
  }
}

function oneRound(w: Int32Array, round: Int32Array, t: number): void {
  const v = WORKING;
  const ah = w[v] as number;
  const al = w[v + 1] as number;
  const bh = w[v + 2] as number;
  const bl = w[v + 3] as number;
  const ch = w[v + 4] as number;
  const cl = w[v + 5] as number;
  const eh = w[v + 8] as number;
  const el = w[v + 9] as number;
  // h becomes the first sum.
  add(
    w,
    v + 14,
    ((eh >>> 14) | (el << 18)) ^ ((eh >>> 18) | (el << 14)) ^ ((el >>> 9) | (eh << 23)),
    ((el >>> 14) | (eh << 18)) ^ ((el >>> 18) | (eh << 14)) ^ ((eh >>> 9) | (el << 23)),
  );
  add(
    w,
    v + 14,
    (eh & (w[v + 10] as number)) ^ (~eh & (w[v + 12] as number)),
    (el & (w[v + 11] as number)) ^ (~el & (w[v + 13] as number)),
  );
  add(w, v + 14, round[t] as number, round[t + 1] as number);
  add(w, v + 14, w[t] as number, w[t + 1] as number);
  const high = w[v + 14] as number;
  const low = w[v + 15] as number;
  add(w, v + 6, high, low); // d
  add(
    w,
    v + 14,
    ((ah >>> 28) | (al << 4)) ^ ((al >>> 2) | (ah << 30)) ^ ((al >>> 7) | (ah << 25)),
    ((al >>> 28) | (ah << 4)) ^ ((ah >>> 2) | (al << 30)) ^ ((ah >>> 7) | (al << 25)),
  );
  add(w, v + 14, (ah & bh) ^ (ah & ch) ^ (bh & ch), (al & bl) ^ (al & cl) ^ (bl & cl));
  const nextHigh = w[v + 14] as number;
  const nextLow = w[v + 15] as number;
  w.copyWithin(v + 2, v, v + 14);
  w[v] = nextHigh;
  w[v + 1] = nextLow;
}

/** Adds to the pair at `at`. */
function add(words: Int32Array, at: number, high: number, low: number): void {
  const own = words[at + 1] as number;
  const sum = (own + low) | 0;
  words[at + 1] = sum;
  words[at] = ((words[at] as number) + high + (((own & low) | ((own | low) & ~sum)) >>> 31)) | 0;
}
