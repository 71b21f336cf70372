import { highWords, shaConstants } from "./constants.ts";
import type { HashFunction } from "./hash.ts";

let round: Int32Array | undefined;

/** SHA-256 (FIPS 180-4). */
export const SHA256: HashFunction = {
  blockBytes: 64,
  digestBytes: 32,
  stateWords: 8,
  scheduleWords: 64,
  start(state) {
    state.set(highWords(shaConstants().initial, 8));
  },
  compress(state, schedule) {
    round ??= highWords(shaConstants().round, 64);
    for (let t = 16; t < 64; t++) {
      const x = schedule[t - 15] as number;
      const y = schedule[t - 2] as number;
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      schedule[t] = (s0 + s1 + (schedule[t - 7] as number) + (schedule[t - 16] as number)) | 0;
    }
    let a = state[0] as number;
    let b = state[1] as number;
    let c = state[2] as number;
    let d = state[3] as number;
    let e = state[4] as number;
    let f = state[5] as number;
    let g = state[6] as number;
    let h = state[7] as number;
    for (let t = 0; t < 64; t++) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const first =
        (h + s1 + ((e & f) ^ (~e & g)) + (round[t] as number) + (schedule[t] as number)) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const second = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + first) | 0;
      d = c;
      c = b;
      b = a;
      a = (first + second) | 0;
    }
    state[0] = (state[0] as number) + a;
    state[1] = (state[1] as number) + b;
    state[2] = (state[2] as number) + c;
    state[3] = (state[3] as number) + d;
    state[4] = (state[4] as number) + e;
    state[5] = (state[5] as number) + f;
    state[6] = (state[6] as number) + g;
    state[7] = (state[7] as number) + h;
  },
};
