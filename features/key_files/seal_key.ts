import { has } from "../../core/arguments/own.ts";
import type { Argon2Cost } from "../../core/contract/cost.ts";
import { freshOf } from "../../core/fresh.ts";
import type { MemorySecrets } from "../../core/memory_secrets.ts";
import {
  type CryptoEngine,
  equalBytes,
  LetheError,
  offHeapBytes,
  type SecretBuffer,
  wipeBytes,
} from "../../core/mod.ts";
import { isWithin, LEAST_MEMORY } from "../crypto/argon2_cost.ts";
import { makeNonce } from "../crypto/nonce.ts";
import { MOST_KEY_BYTES, PAIR_BYTES } from "./key_shape.ts";
import { refuseZeros } from "./read_content.ts";
import {
  blankFile,
  OVERHEAD_BYTES,
  parseHeader,
  partsOf,
  type SealedHeader,
  type SealedParts,
} from "./sealed_format.ts";
import type { Task } from "./task.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** What sealing and opening need besides the bytes. */
export interface Sealing {
  readonly task: Task;
  readonly secrets: MemorySecrets;
  readonly engine: CryptoEngine;
}

/** The operations that an engine must have for it. */
export const SEALING_OPERATIONS = ["argon2id", "keyed-hash", "aead"] as const;

/**
 * A sealed key file: the first `header.keyBytes` bytes of `key`, encrypted under `passphrase`. Blocks
 * for Argon2id's time.
 */
export function sealKey(
  sealing: Sealing,
  key: SecretBuffer,
  passphrase: SecretBuffer,
  header: SealedHeader,
): Bytes {
  const file = blankFile(header);
  const parts = partsOf(file);
  const { engine, secrets } = sealing;
  const fresh = freshOf(secrets);
  fresh.fill(parts.salt);
  const derived = derive(sealing, parts.salt, passphrase, header.cost);
  try {
    derived.expose((both) => {
      const cipherKey = half(both, 0);
      key.expose((bytes) => {
        const message = firstBytes(bytes, header.keyBytes);
        makeNonce(parts.nonce, fresh, engine, cipherKey, message);
        engine.keyedHash(parts.commitment, parts.committed, half(both, 1));
        engine.aeadSeal(parts.sealed, message, parts.header, parts.nonce, cipherKey);
      });
    });
  } finally {
    derived.destroy();
  }
  engine.keyedHash(parts.checksum, parts.summed, NO_KEY);
  return file;
}

/**
 * What the file's header says, once the file is known to be whole: not cut, not damaged by accident,
 * and asking for no more than `most`. Costs one BLAKE2b of the file.
 *
 * @throws {LetheError} `ERR_LETHE_KEY_FORMAT`, `ERR_LETHE_KEY_DAMAGED`, `ERR_LETHE_KEY_COST`
 */
export function examine(
  sealing: Omit<Sealing, "secrets">,
  file: Bytes,
  most: Argon2Cost,
): SealedHeader {
  const { task, engine } = sealing;
  const header = parseHeader(file);
  if (has(header, "refusal"))
    return task.refuse("ERR_LETHE_KEY_FORMAT", `${header.refusal}; ${REMEDY}`);
  const { type, keyBytes, cost } = header;
  const damaged = (): never =>
    task.refuse("ERR_LETHE_KEY_DAMAGED", "it is damaged; restore it from a copy");
  if (file.length <= OVERHEAD_BYTES) damaged();
  const parts = partsOf(file);
  const sum = offHeapBytes(parts.checksum.length);
  engine.keyedHash(sum, parts.summed, NO_KEY);
  if (!equalBytes(sum, parts.checksum)) damaged();
  if (file.length !== keyBytes + OVERHEAD_BYTES || keyBytes > MOST_KEY_BYTES) damaged();
  if (type !== "symmetric" && keyBytes !== PAIR_BYTES) damaged();
  checkCost(task, cost, most);
  return header;
}

/**
 * The key of a file that was examined.
 *
 * @throws {LetheError} `ERR_LETHE_KEY_PASSPHRASE` for another passphrase (or a header that was altered
 * by someone who made its checksum anew), `ERR_LETHE_KEY_DAMAGED` for an altered ciphertext
 */
export function openKey(
  sealing: Sealing,
  file: Bytes,
  passphrase: SecretBuffer,
  { keyBytes, cost }: SealedHeader,
): SecretBuffer {
  const { task, secrets, engine } = sealing;
  const parts = partsOf(file);
  const derived = derive(sealing, parts.salt, passphrase, cost);
  try {
    return derived.expose((both) => {
      if (!commits(engine, parts, half(both, 1))) {
        task.refuse(
          "ERR_LETHE_KEY_PASSPHRASE",
          "the passphrase is not the one it was sealed with; try another",
        );
      }
      return secrets.make(keyBytes, (key) => {
        if (!engine.aeadUnseal(key, parts.sealed, parts.header, parts.nonce, half(both, 0))) {
          task.refuse("ERR_LETHE_KEY_DAMAGED", "it was altered; restore it from a copy");
        }
        refuseZeros(task, key);
      });
    });
  } finally {
    derived.destroy();
  }
}

function commits(
  engine: CryptoEngine,
  { commitment, committed }: SealedParts,
  key: Bytes,
): boolean {
  const expected = offHeapBytes(commitment.length);
  engine.keyedHash(expected, committed, key);
  const equal = equalBytes(expected, commitment);
  wipeBytes(expected); // of a wrong passphrase it would let others try guesses at it
  return equal;
}

/** 64 bytes: the key of the cipher, then the key of the commitment. */
function derive(
  { task, secrets, engine }: Sealing,
  salt: Bytes,
  passphrase: SecretBuffer,
  { passes, memoryBytes }: Argon2Cost,
): SecretBuffer {
  return secrets.make(64, (both) => {
    passphrase.expose((bytes) => {
      try {
        engine.argon2id(both, bytes, salt, passes, memoryBytes);
      } catch (error) {
        if (!(error instanceof LetheError)) throw error;
        task.refuse(error.code, `Argon2id over ${memoryBytes / 1024} KiB failed: ${error.message}`);
      }
    });
  });
}

/** Before anything is allocated for it. */
function checkCost(task: Task, cost: Argon2Cost, most: Argon2Cost): void {
  const { passes, memoryBytes } = cost;
  if (passes >= 1 && memoryBytes >= LEAST_MEMORY && isWithin(cost, most)) return;
  task.refuse(
    "ERR_LETHE_KEY_COST",
    `it asks for ${passes} passes over ${memoryBytes / 1024} KiB, and at most ${most.passes} over ${most.memoryBytes / 1024} KiB are allowed; if you trust it, raise mostCost`,
  );
}

/** Not `subarray`, which would ask the view for its constructor. */
export function firstBytes(bytes: Bytes, byteLength: number): Bytes {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, byteLength);
}

function half(both: Bytes, which: 0 | 1): Bytes {
  return new Uint8Array(both.buffer, both.byteOffset + 32 * which, 32);
}

const NO_KEY = new Uint8Array(new ArrayBuffer(0));
const REMEDY = "use a newer Lethe, or correct the path";
