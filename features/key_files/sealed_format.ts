import type { Argon2Cost } from "../../core/contract/cost.ts";
import { offHeapBytes } from "../../core/mod.ts";
import { MAGIC, OVERHEAD_BYTES } from "../../core/sealed_key_mark.ts";
import type { KeyFileType } from "./key_shape.ts";

/** What is written down about a sealed key, in the open. */
export interface SealedHeader {
  readonly type: KeyFileType;
  readonly keyBytes: number;
  readonly cost: Argon2Cost;
}

/*
 * The layout, integers little-endian; docs/key_file_format.md says why.
 *
 *     0   8  magic "LETHEKEY"
 *     8   1  version, 1
 *     9   1  key derivation, 1: Argon2id version 1.3, one lane
 *     10  1  cipher, 1: XChaCha20-Poly1305
 *     11  1  type: 1 symmetric, 2 ed25519, 3 x25519
 *     12  4  passes
 *     16  4  memory in KiB
 *     20  4  bytes of the key, n
 *     24 16  salt
 *     40 24  nonce
 *     64 32  commitment
 *     96  n  ciphertext
 *         16 tag
 *         32 checksum
 */
export { OVERHEAD_BYTES };
export const HEADER_BYTES = 96;
export const CHECKSUM_BYTES = 32;

const VERSION = 1;
const ARGON2ID = 1;
const XCHACHA20_POLY1305 = 1;
const TYPES: readonly (KeyFileType | undefined)[] = [undefined, "symmetric", "ed25519", "x25519"];

type Bytes = Uint8Array<ArrayBuffer>;

/** The parts of a sealed key file, as views of its bytes. */
export interface SealedParts {
  /** All that the commitment commits to: the header without it. */
  readonly committed: Bytes;
  readonly salt: Bytes;
  readonly nonce: Bytes;
  readonly commitment: Bytes;
  readonly header: Bytes;
  /** Ciphertext and tag. */
  readonly sealed: Bytes;
  /** All that the checksum covers: the file without it. */
  readonly summed: Bytes;
  readonly checksum: Bytes;
}

export function partsOf(file: Bytes): SealedParts {
  const part = (start: number, end: number): Bytes => file.subarray(start, end);
  const sum = file.length - CHECKSUM_BYTES;
  return {
    committed: part(0, 64),
    salt: part(24, 40),
    nonce: part(40, 64),
    commitment: part(64, 96),
    header: part(0, HEADER_BYTES),
    sealed: part(HEADER_BYTES, sum),
    summed: part(0, sum),
    checksum: part(sum, file.length),
  };
}

/** A file with its fixed fields filled in; salt, nonce and what follows from them are zero. */
export function blankFile({ type, keyBytes, cost }: SealedHeader): Bytes {
  const file = offHeapBytes(keyBytes + OVERHEAD_BYTES);
  file.set(MAGIC);
  file.set([VERSION, ARGON2ID, XCHACHA20_POLY1305, TYPES.indexOf(type)], 8);
  const view = new DataView(file.buffer, file.byteOffset);
  view.setUint32(12, cost.passes, true);
  view.setUint32(16, cost.memoryBytes / 1024, true);
  view.setUint32(20, keyBytes, true);
  return file;
}

/** Whether a file begins as a sealed key file does. */
export function hasMagic(start: Uint8Array): boolean {
  return MAGIC.every((byte, index) => start[index] === byte);
}

/** Why a header is not understood. `foreign`: it does not even begin as one. */
export interface Refusal {
  readonly refusal: string;
  readonly foreign?: boolean;
}

/** What the header says, or why it is not understood. It is not authenticated yet. */
export function parseHeader(file: Bytes): SealedHeader | Refusal {
  if (file.length < HEADER_BYTES || !hasMagic(file)) {
    return { refusal: "it is not a sealed key file", foreign: true };
  }
  const [version, derivation, cipher] = [file[8], file[9], file[10]];
  if (version !== VERSION)
    return { refusal: `its format has version ${version}, and only 1 is known` };
  if (derivation !== ARGON2ID)
    return { refusal: `its key derivation is number ${derivation}, and only 1 is known` };
  if (cipher !== XCHACHA20_POLY1305)
    return { refusal: `its cipher is number ${cipher}, and only 1 is known` };
  const type = TYPES[file[11] ?? 0];
  if (type === undefined)
    return { refusal: `its type of key is ${file[11]}, and 1 to 3 are known` };
  const view = new DataView(file.buffer, file.byteOffset);
  return {
    type,
    keyBytes: view.getUint32(20, true),
    cost: { passes: view.getUint32(12, true), memoryBytes: view.getUint32(16, true) * 1024 },
  };
}
