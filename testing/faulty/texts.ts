import type { SecretBuffer } from "../../core/mod.ts";
import { type FaultySubject, faultyLibrary } from "./faulty_subject.ts";
import { bufferLike, FaultySecret } from "./secret.ts";

/** Libraries that show what nobody may see. */
export const TEXTS: readonly FaultySubject[] = [
  faultyLibrary("R1", "a checksum", "the text of a secret has a checksum of its bytes", {
    secret: (inner) => ({ text: () => `SecretBuffer(redacted, ${checksum(inner)})` }),
  }),
  faultyLibrary("R2", "loose counts", "`stats` is an object that can be changed", {
    secrets: (inner) => ({
      get stats() {
        return { ...inner.stats };
      },
    }),
  }),
  faultyLibrary("R3", "a kind of buffer", "a secret is an ArrayBuffer, which a clone copies", {
    wrap: (inner, own, wrap) => bufferLike(new FaultySecret(inner, own, wrap)),
  }),
  faultyLibrary("R4", "errors with a cause", "an error has the one before it as its cause", {
    secret: (inner) => ({
      slice(start, end) {
        try {
          return inner.slice(start, end);
        } catch (cause) {
          if (!(cause instanceof RangeError)) throw cause;
          throw new RangeError(cause.message, { cause });
        }
      },
    }),
  }),
  faultyLibrary("R5", "a preview", "the console shows the first four bytes", {
    secret: (inner) => ({
      inspect: (hidden) => (hidden ? "redacted" : `redacted ${preview(inner)}`),
    }),
  }),
];

function checksum(secret: SecretBuffer): number | string {
  if (secret.state !== "guarded" && secret.state !== "exposed") return secret.state;
  return secret.expose((bytes) => bytes.reduce((sum, byte) => (sum * 31 + byte) | 0, 0));
}

function preview(secret: SecretBuffer): string {
  if (secret.state !== "guarded" && secret.state !== "exposed") return secret.state;
  return secret.expose((bytes) =>
    Array.from(bytes.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join(""),
  );
}
