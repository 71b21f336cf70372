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

/** SHA-384: the same from other initial values, cut. */
export const SHA384: HashFunction = {
  ...SHA512,
  digestBytes: 48,
  start(state) {
    state.set(shaConstants().initial384);
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

/** The variables stay where they are, and each is called by the next letter in the next round. */
function oneRound(w: Int32Array, round: Int32Array, t: number): void {
  const turn = 160 - t; // an even number, and 160 is a multiple of 16
  const a = WORKING + (turn & 15);
  const b = WORKING + ((turn + 2) & 15);
  const c = WORKING + ((turn + 4) & 15);
  const d = WORKING + ((turn + 6) & 15);
  const e = WORKING + ((turn + 8) & 15);
  const f = WORKING + ((turn + 10) & 15);
  const g = WORKING + ((turn + 12) & 15);
  const h = WORKING + ((turn + 14) & 15);
  const eh = w[e] as number;
  const el = w[e + 1] as number;
  add(
    w,
    h,
    ((eh >>> 14) | (el << 18)) ^ ((eh >>> 18) | (el << 14)) ^ ((el >>> 9) | (eh << 23)),
    ((el >>> 14) | (eh << 18)) ^ ((el >>> 18) | (eh << 14)) ^ ((eh >>> 9) | (el << 23)),
  );
  add(
    w,
    h,
    (eh & (w[f] as number)) ^ (~eh & (w[g] as number)),
    (el & (w[f + 1] as number)) ^ (~el & (w[g + 1] as number)),
  );
  add(w, h, round[t] as number, round[t + 1] as number);
  add(w, h, w[t] as number, w[t + 1] as number);
  add(w, d, w[h] as number, w[h + 1] as number);
  const ah = w[a] as number;
  const al = w[a + 1] as number;
  const bh = w[b] as number;
  const bl = w[b + 1] as number;
  const ch = w[c] as number;
  const cl = w[c + 1] as number;
  add(
    w,
    h,
    ((ah >>> 28) | (al << 4)) ^ ((al >>> 2) | (ah << 30)) ^ ((al >>> 7) | (ah << 25)),
    ((al >>> 28) | (ah << 4)) ^ ((ah >>> 2) | (al << 30)) ^ ((ah >>> 7) | (al << 25)),
  );
  add(w, h, (ah & bh) ^ (ah & ch) ^ (bh & ch), (al & bl) ^ (al & cl) ^ (bl & cl));
}

/** Adds to the pair at `at`. */
function add(words: Int32Array, at: number, high: number, low: number): void {
  const own = words[at + 1] as number;
  const sum = (own + low) | 0;
  words[at + 1] = sum;
  words[at] = ((words[at] as number) + high + (((own & low) | ((own | low) & ~sum)) >>> 31)) | 0;
}
