import type { HashFunction } from "./hash.ts";

/** SHA-1 (FIPS 180-4), which PBKDF2 uses where a file names no other function. */
export const SHA1: HashFunction = {
  blockBytes: 64,
  digestBytes: 20,
  stateWords: 5,
  scheduleWords: 80,
  start(state) {
    state.set([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0].map((word) => word | 0));
  },
  compress(state, schedule) {
    for (let t = 16; t < 80; t++) {
      const word =
        (schedule[t - 3] as number) ^
        (schedule[t - 8] as number) ^
        (schedule[t - 14] as number) ^
        (schedule[t - 16] as number);
      schedule[t] = (word << 1) | (word >>> 31);
    }
    let a = state[0] as number;
    let b = state[1] as number;
    let c = state[2] as number;
    let d = state[3] as number;
    let e = state[4] as number;
    for (let t = 0; t < 80; t++) {
      const mixed =
        t < 20
          ? (((b & c) ^ (~b & d)) + 0x5a827999) | 0
          : t < 40
            ? ((b ^ c ^ d) + 0x6ed9eba1) | 0
            : t < 60
              ? (((b & c) ^ (b & d) ^ (c & d)) + 0x8f1bbcdc) | 0
              : ((b ^ c ^ d) + 0xca62c1d6) | 0;
      const next = (((a << 5) | (a >>> 27)) + mixed + e + (schedule[t] as number)) | 0;
      e = d;
      d = c;
      c = (b << 30) | (b >>> 2);
      b = a;
      a = next;
    }
    state[0] = (state[0] as number) + a;
    state[1] = (state[1] as number) + b;
    state[2] = (state[2] as number) + c;
    state[3] = (state[3] as number) + d;
    state[4] = (state[4] as number) + e;
  },
};
