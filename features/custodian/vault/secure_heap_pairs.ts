import { Buffer } from "node:buffer";
import { createPrivateKey, type KeyObject } from "node:crypto";
import { LetheError, type Secrets } from "../../../core/mod.ts";
import { derLength, writeDer } from "../../keys/der.ts";
import { opensslForm } from "../../keys/openssl_form.ts";
import { roundUp, type Workspace, withWorkspace } from "../../keys/primitives/workspace.ts";
import { HeapKeyPair } from "./heap_key_pair.ts";
import type { AgreeingType, KeyPairType } from "./key_pair_types.ts";
import { isFull, type MissingKey, NO_HEAP, opensslReason, secureHeapState } from "./secure_heap.ts";
import { computeOnce } from "./secure_heap_room.ts";

/** Taken once. Only `--expose-gc` gives it: without it nobody can say when a key leaves the heap. */
const collect = (globalThis as { readonly gc?: () => void }).gc;

/**
 * The key pairs that this process has in OpenSSL's secure heap. That they lie there, and that they are gone, is
 * seen in what the heap says of itself, as for {@link SecureHeapKey}.
 */
export class SecureHeapPairs {
  readonly #secrets: Secrets;
  /** What was in use before the first pair. */
  #before: number | null = null;
  #held = 0;

  constructor(secrets: Secrets) {
    this.#secrets = secrets;
  }

  /**
   * Brings a key into the secure heap. Whatever comes of it, the bytes that were given hold it no longer.
   *
   * OpenSSL reads a key through buffers that it frees without a wipe: some hold the scalar of an EC
   * key. So another key is read right after it, which takes most of these buffers again, and then all memory that malloc(3) has
   * free in their sizes is overwritten. Another key is also brought in first: where that one is refused, this one is not read.
   *
   * @param secretKey as {@link PrivateKey} has it, checked, in secret memory
   * @throws {LetheError} `ERR_LETHE_SECURE_HEAP` unless the heap grew by its secret numbers, and has room to compute in besides
   */
  hold(type: KeyPairType | AgreeingType, secretKey: Uint8Array<ArrayBuffer>): HeapKeyPair {
    if (secureHeapState().total === 0) throw withoutPair(NO_HEAP);
    if (collect === undefined) throw withoutPair(NO_COLLECTOR);
    if (this.#before === null) {
      tryToCompute(); // what stays of the first time is none of a pair's
      collect();
      this.#before = secureHeapState().used;
    }
    const { element, secretNumbers } = opensslForm(type, secretKey);
    const least = secretNumbers.reduce((sum, { length }) => sum + wholeWords(length), 0);
    const lengths = [derLength(element), ...secretNumbers.map(({ length }) => length)];
    const room = lengths.reduce((sum, length) => sum + roundUp(length), 0);
    return withWorkspace(this.#secrets, room, (space) => {
      const form = space.bytes(derLength(element));
      const kept = secretNumbers.map((number) => copiedTo(space, number));
      const becomeAnother = (): void => {
        for (const number of secretNumbers) number.fill(1);
        writeDer(element, form);
      };
      becomeAnother();
      rehearse(type, form, least);
      for (const [at, number] of secretNumbers.entries()) number.set(kept[at] as Uint8Array);
      writeDer(element, form);
      let pair: HeapKeyPair | undefined;
      try {
        pair = takeIn(type, form, least);
        becomeAnother();
        read(form);
      } catch (error) {
        // Only where another thread has taken the room since.
        becomeAnother();
        pair?.drop();
        throw error;
      } finally {
        overwriteFreed(form.length);
        collect();
      }
      this.#held += pair.growth;
      return pair;
    });
  }

  /**
   * Ends pairs, and sees them go: OpenSSL wipes what it gives back.
   *
   * @throws {LetheError} `ERR_LETHE_SECURE_HEAP` when the heap did not shrink by as much
   */
  release(pairs: readonly HeapKeyPair[]): void {
    if (pairs.length === 0) return;
    const growth = pairs.reduce((sum, pair) => sum + pair.growth, 0);
    const { used } = secureHeapState();
    for (const pair of pairs) pair.drop();
    this.#held -= growth;
    collect?.();
    const left = secureHeapState().used;
    if (used - left >= growth) return;
    throw new LetheError(
      "ERR_LETHE_SECURE_HEAP",
      `Cannot destroy key pair: the secure heap did not shrink by its ${growth} bytes (${used} bytes, then ${left}); close the custodian, whose end gives them back`,
    );
  }

  /** @throws {LetheError} `ERR_LETHE_SECURE_HEAP` when the heap is smaller than its pairs */
  verify(): void {
    const { used } = secureHeapState();
    const least = (this.#before ?? 0) + this.#held;
    if (used >= least) return;
    throw withoutPair({
      reason: `it has ${used} bytes in use where its key pairs alone made it ${least}`,
      remedy: null,
    });
  }
}

/** OpenSSL keeps no words that are zero: one key of P-521 in 512 has 64 bytes, and not 66. */
function wholeWords(byteLength: number): number {
  return byteLength - (byteLength % 8);
}

function copiedTo(space: Workspace, number: Uint8Array): Uint8Array {
  const kept = space.bytes(number.length);
  kept.set(number);
  return kept;
}

/** The heap has to grow by the least that the secret numbers take. */
function takeIn(
  type: KeyPairType | AgreeingType,
  form: Uint8Array<ArrayBuffer>,
  least: number,
): HeapKeyPair {
  const before = secureHeapState();
  const privateKey = read(form);
  const { used } = secureHeapState();
  const growth = used - before.used;
  if (growth >= least) return new HeapKeyPair(type, privateKey, growth);
  throw withoutPair({
    reason: `it did not grow by ${least} bytes when the key was made (${before.used} bytes, then ${used})`,
    remedy: MORE,
  });
}

function read(form: Uint8Array<ArrayBuffer>): KeyObject {
  try {
    // Node reads any view where it lies; its types know a Buffer alone.
    return createPrivateKey({ key: form as Buffer, format: "der", type: "pkcs8" });
  } catch (error) {
    const reason = opensslReason(error);
    throw isFull(error)
      ? withoutPair({ reason: `it has no room for another key (${reason})`, remedy: MORE })
      : withoutPair({ reason: `OpenSSL takes no such key here (${reason})`, remedy: null });
  }
}

/** @throws {LetheError} `ERR_LETHE_SECURE_HEAP` when the key leaves no room to compute in */
function tryToCompute(): void {
  try {
    computeOnce();
  } catch (error) {
    const reason = `it would have no room left to compute in (${opensslReason(error)})`;
    throw withoutPair({ reason, remedy: MORE });
  }
}

/** Brings in a key that protects nothing, computes beside it, and ends it. Only if that works is the real key read. */
function rehearse(
  type: KeyPairType | AgreeingType,
  form: Uint8Array<ArrayBuffer>,
  least: number,
): void {
  let pair: HeapKeyPair | undefined;
  try {
    pair = takeIn(type, form, least);
    read(form);
    tryToCompute();
  } finally {
    pair?.drop();
    collect?.();
  }
}

/**
 * Allocates what malloc(3) has free in the sizes of a key's buffers, and fills it with zeros. glibc keeps up to seven free chunks of
 * each size for each thread, and hands out the last one first.
 */
function overwriteFreed(byteLength: number): void {
  // BUF_MEM_grow(3) takes a third more than it needs.
  const largest = Math.ceil((byteLength * 4) / 3) + 16;
  const taken: Uint8Array[] = [];
  for (let size = 24; size <= largest; size += 16) {
    for (let count = 0; count < 16; count++) taken.push(Buffer.allocUnsafeSlow(size).fill(0));
  }
}

const MORE = "delete others there, give Node.js more with secureHeapBytes";

const NO_COLLECTOR: MissingKey = {
  reason: "this process cannot free it on demand",
  remedy: "start the custodian's program by openCustodian(), which passes --expose-gc",
};

function withoutPair({ reason, remedy }: MissingKey): LetheError {
  const remedies = [remedy, "put it into the vault, by leaving out place"];
  return new LetheError(
    "ERR_LETHE_SECURE_HEAP",
    `Cannot hold key pair in the secure heap: ${reason}; ${remedies.filter((one) => one !== null).join(", or ")}`,
  );
}
