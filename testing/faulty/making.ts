import { LetheError } from "../../core/mod.ts";
import { type FaultySubject, faultyLibrary } from "./faulty_subject.ts";

/** Libraries that make secrets, and texts of them, in a way of their own. */
export const MAKING: readonly FaultySubject[] = [
  faultyLibrary(
    "A1",
    "zeroed in part",
    "`allocate` zeroes in chunks, and forgets the last byte of a large one",
    {
      secrets: (inner) => ({
        allocate(byteLength) {
          const secret = inner.allocate(byteLength);
          if (byteLength > 1_000_000) secret.modify((bytes) => bytes.fill(1, byteLength - 1));
          return secret;
        },
      }),
    },
  ),
  faultyLibrary("A2", "lengths from text", "a length goes through `Number`, so that text is one", {
    secrets: (inner) => ({ allocate: (byteLength) => inner.allocate(Number(byteLength)) }),
  }),
  faultyLibrary("A3", "friendly to strings", "`move` encodes a string, which nobody can wipe", {
    secrets: (inner) => ({
      move: (source) =>
        inner.move(typeof source === "string" ? new TextEncoder().encode(source) : source),
    }),
  }),
  faultyLibrary("A4", "friendly to arrays", "`move` takes an array of numbers as well", {
    secrets: (inner) => ({
      move: (source) => inner.move(Array.isArray(source) ? Uint8Array.from(source) : source),
    }),
  }),
  faultyLibrary("A6", "source wiped in part", "`move` wipes its source up to the last byte", {
    secrets: (inner) => ({ move: (source) => keepingLast(source, () => inner.move(source)) }),
  }),
  faultyLibrary("A7", "counts slots", "`stats` counts the bytes of slots, and not of secrets", {
    secrets: (inner) => ({
      get stats() {
        const { stats } = inner;
        return Object.freeze({ ...stats, bytes: Math.ceil(stats.bytes / 64) * 64 });
      },
    }),
  }),
  faultyLibrary("C1", "padded like base64", "base64url is encoded as base64 where padding comes", {
    secrets: (inner) => ({
      encode: (secret, encoding) =>
        inner.encode(
          secret,
          secret["~secret"].byteLength % 3 === 0 || encoding === "hex" ? encoding : "base64",
        ),
    }),
  }),
  faultyLibrary("C2", "telling error", "the error of a malformed text says how long the text is", {
    secrets: (inner) => ({
      decode(source, encoding) {
        try {
          return inner.decode(source, encoding);
        } catch (error) {
          if (!(error instanceof LetheError)) throw error;
          throw new LetheError(
            error.code,
            `Cannot decode ${(source as Uint8Array).length} characters`,
          );
        }
      },
    }),
  }),
  faultyLibrary("C3", "text wiped in part", "`decode` wipes its source up to the last byte", {
    secrets: (inner) => ({
      decode: (source, encoding) =>
        keepingLast(source as Uint8Array, () => inner.decode(source, encoding)),
    }),
  }),
];

/** A single byte is too short for the scanner to take for a copy. */
function keepingLast<T>(source: Uint8Array, take: () => T): T {
  const at = source.length - 1;
  const last = source[at];
  const taken = take();
  if (last !== undefined) source[at] = last;
  return taken;
}
