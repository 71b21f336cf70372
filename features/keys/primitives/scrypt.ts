import { LetheError } from "../../../core/contract/errors.ts";
import { pbkdf2, pbkdf2Room } from "./pbkdf2.ts";
import { salsa8 } from "./salsa8.ts";
import { SHA256 } from "./sha256.ts";
import type { Workspace } from "./workspace.ts";

/** What scrypt costs (RFC 7914): 128 * N * r bytes of memory, and p times the work. */
export interface ScryptCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** Bytes of its large table. */
export function scryptMemory({ N, r }: ScryptCost): number {
  return 128 * N * r;
}

/** What {@link scrypt} takes of a {@link Workspace}. */
export function scryptRoom({ r, p }: ScryptCost): number {
  return 2 * pbkdf2Room(SHA256) + 128 * r * (p + 2) + 256;
}

/**
 * scrypt (RFC 7914).
 *
 * The large table is not secret memory, which rarely has room for it: it lies off the collected heap and is
 * wiped before this returns. What is in it follows from the password one way, and opens nothing without
 * it. Where the table is read depends on the password, as the algorithm has it.
 *
 * @throws {LetheError} `ERR_LETHE_EXHAUSTED` when there is no memory for the table
 */
export function scrypt(
  password: Uint8Array,
  salt: Uint8Array,
  cost: ScryptCost,
  target: Uint8Array,
  space: Workspace,
): void {
  const { N, r, p } = cost;
  const blocks = space.bytes(128 * r * p);
  pbkdf2(SHA256, password, salt, 1, blocks, space);
  const x = space.words(32 * r);
  const y = space.words(32 * r);
  const state = space.words(16);
  const table = tableOf(cost);
  try {
    for (let index = 0; index < p; index++) {
      const at = index * 128 * r;
      load(blocks, at, x);
      mix(x, y, state, table, N, r);
      store(x, blocks, at);
    }
  } finally {
    table.fill(0);
  }
  pbkdf2(SHA256, password, blocks, 1, target, space);
}

function tableOf(cost: ScryptCost): Int32Array {
  try {
    return new Int32Array(new ArrayBuffer(scryptMemory(cost)));
  } catch {
    throw new LetheError(
      "ERR_LETHE_EXHAUSTED",
      `Cannot derive key: the runtime gives no ${scryptMemory(cost)} bytes for scrypt; give the process more memory`,
    );
  }
}

/** ROMix (RFC 7914, section 5). */
function mix(
  x: Int32Array,
  y: Int32Array,
  state: Int32Array,
  table: Int32Array,
  N: number,
  r: number,
): void {
  const width = x.length;
  for (let index = 0; index < N; index++) {
    table.set(x, index * width);
    blockMix(x, y, state, r);
  }
  for (let index = 0; index < N; index++) {
    const at = ((x[width - 16] as number) & (N - 1)) * width;
    for (let word = 0; word < width; word++) {
      x[word] = (x[word] as number) ^ (table[at + word] as number);
    }
    blockMix(x, y, state, r);
  }
}

function blockMix(x: Int32Array, y: Int32Array, state: Int32Array, r: number): void {
  const last = (2 * r - 1) * 16;
  for (let word = 0; word < 16; word++) state[word] = x[last + word] as number;
  for (let block = 0; block < 2 * r; block++) {
    for (let word = 0; word < 16; word++) {
      state[word] = (state[word] as number) ^ (x[block * 16 + word] as number);
    }
    salsa8(state);
    const at = ((block >> 1) + (block & 1) * r) * 16;
    for (let word = 0; word < 16; word++) y[at + word] = state[word] as number;
  }
  x.set(y);
}

function load(bytes: Uint8Array, at: number, words: Int32Array): void {
  for (let index = 0; index < words.length; index++) {
    const from = at + index * 4;
    words[index] =
      (bytes[from] as number) |
      ((bytes[from + 1] as number) << 8) |
      ((bytes[from + 2] as number) << 16) |
      ((bytes[from + 3] as number) << 24);
  }
}

function store(words: Int32Array, bytes: Uint8Array, at: number): void {
  for (let index = 0; index < words.length * 4; index++) {
    bytes[at + index] = (words[index >> 2] as number) >> ((index & 3) * 8);
  }
}
