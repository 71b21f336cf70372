/** What Argon2id costs, with one lane (RFC 9106, section 4). Measure on your machine. */
export interface Argon2Cost {
  /** Passes over the memory: 1 to 2^32 - 1. */
  readonly passes: number;
  /** Bytes of memory: a multiple of 1024, from 8192. */
  readonly memoryBytes: number;
}
