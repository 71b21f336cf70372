import { type Encoding, offHeapBytes, type SecretBuffer, type Secrets } from "../../core/mod.ts";
import { deriveInto, mask } from "../forensics/derived_needle.ts";
import { collect } from "./collect.ts";
import { encodedLength, encodeInto } from "./plain_text.ts";

/** What an operation left: live secrets, each holding the needle once, in whatever encoding. */
export interface Left {
  readonly secrets: readonly SecretBuffer[];
  /** For a secret that nobody chose: its bytes under a pad. */
  readonly masked?: Uint8Array;
}

/** The name of each operation. */
export type OperationName =
  | "modify"
  | "random"
  | "move"
  | "decode hex"
  | "decode base64"
  | "decode base64url"
  | "encode hex"
  | "encode base64"
  | "encode base64url"
  | "clone"
  | "slice"
  | "expose"
  | "async expose"
  | "equals"
  | "freeze"
  | "exception"
  | "crowd";

export type Operation = (
  secrets: Secrets,
  seed: number,
  byteLength: number,
) => Left | Promise<Left>;

/**
 * Every way in which a secret comes to be and is used. Each puts the needle of its seed there byte
 * by byte, so that whatever copy of it is found elsewhere was made by what is under test.
 */
export const OPERATIONS: Readonly<Record<OperationName, Operation>> = {
  modify: (secrets, seed, byteLength) => ({ secrets: [derived(secrets, seed, byteLength)] }),
  random(secrets, seed, byteLength) {
    const secret = secrets.random(byteLength);
    return { secrets: [secret], masked: secret.expose((bytes) => mask(seed, bytes)) };
  },
  move(secrets, seed, byteLength) {
    const source = offHeapBytes(byteLength);
    deriveInto(seed, source);
    // What waits in the collected heap is copied here, and no wipe reaches the copies.
    collect();
    return { secrets: [secrets.move(source)] };
  },
  "decode hex": decode("hex"),
  "decode base64": decode("base64"),
  "decode base64url": decode("base64url"),
  "encode hex": encode("hex"),
  "encode base64": encode("base64"),
  "encode base64url": encode("base64url"),
  clone(secrets, seed, byteLength) {
    const secret = derived(secrets, seed, byteLength);
    return { secrets: [secret, secret.clone()] };
  },
  slice(secrets, seed, byteLength) {
    const secret = derived(secrets, seed, byteLength, MARGIN);
    return { secrets: [secret, secret.slice(MARGIN, MARGIN + byteLength)] };
  },
  expose(secrets, seed, byteLength) {
    const secret = derived(secrets, seed, byteLength);
    secret.expose((bytes) => secret.expose(() => fold(bytes)));
    return { secrets: [secret] };
  },
  async "async expose"(secrets, seed, byteLength) {
    const secret = derived(secrets, seed, byteLength);
    const use = (): Promise<number> =>
      secret.expose(async (bytes) => {
        const before = fold(bytes);
        await turn();
        return before ^ fold(bytes);
      });
    await Promise.all([use(), use()]);
    return { secrets: [secret] };
  },
  equals(secrets, seed, byteLength) {
    const one = derived(secrets, seed, byteLength);
    const two = derived(secrets, seed, byteLength);
    const bytes = offHeapBytes(byteLength);
    deriveInto(seed, bytes);
    const equal = one.equals(two) && one.equals(bytes);
    bytes.fill(0);
    if (!equal) throw new Error("Two secrets of one seed differ");
    return { secrets: [one, two] };
  },
  freeze: (secrets, seed, byteLength) => ({
    secrets: [derived(secrets, seed, byteLength).freeze()],
  }),
  async exception(secrets, seed, byteLength) {
    const secret = derived(secrets, seed, byteLength);
    for (const scope of ["expose", "modify"] as const) {
      ignore(() =>
        secret[scope]((bytes) => {
          throw new Error(`aside ${fold(bytes) & 0}`);
        }),
      );
      await secret[scope](async (bytes) => {
        await turn();
        throw new Error(`aside ${fold(bytes) & 0}`);
      }).catch(() => undefined);
    }
    return { secrets: [secret] };
  },
  // More than the 64 KiB that an unprivileged process may lock: some of them may have to say so.
  crowd: (secrets, seed, byteLength) => ({
    secrets: Array.from({ length: 40 }, () => derived(secrets, seed, byteLength)),
  }),
};

/** Every operation, in the order in which the suite takes them. */
export const OPERATION_NAMES: readonly OperationName[] = Object.keys(OPERATIONS) as OperationName[];

/** Zero bytes on either side of the part that is sliced out. */
const MARGIN = 16;

function derived(secrets: Secrets, seed: number, byteLength: number, margin = 0): SecretBuffer {
  const secret = secrets.allocate(byteLength + 2 * margin);
  secret.modify((bytes) => deriveInto(seed, bytes.subarray(margin, margin + byteLength)));
  return secret;
}

function decode(encoding: Encoding): Operation {
  return (secrets, seed, byteLength) => {
    const bytes = offHeapBytes(byteLength);
    deriveInto(seed, bytes);
    const text = offHeapBytes(encodedLength(byteLength, encoding));
    encodeInto(text, bytes, encoding);
    bytes.fill(0);
    return { secrets: [secrets.decode(text, encoding)] };
  };
}

function encode(encoding: Encoding): Operation {
  return (secrets, seed, byteLength) => {
    const secret = derived(secrets, seed, byteLength);
    return { secrets: [secret, secrets.encode(secret, encoding)] };
  };
}

/** Reads every byte, as a program would that uses the secret. */
function fold(bytes: Uint8Array): number {
  let sum = 0;
  for (let index = 0; index < bytes.length; index++) sum = (sum * 31 + (bytes[index] ?? 0)) | 0;
  return sum;
}

function ignore(action: () => unknown): void {
  try {
    action();
  } catch {
    return;
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}
