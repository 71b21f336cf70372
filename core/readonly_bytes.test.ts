import { createHmac } from "node:crypto";
import { expect, it } from "vitest";
import { openSecrets } from "../memories/heap/mod.ts";
import { sample } from "../testing/core/samples.ts";
import { exposeAll } from "./expose_all.ts";
import type { ReadonlyBytes } from "./readonly_bytes.ts";

// `npm run types` is what can fail here: each `@ts-expect-error` is an error if the compiler finds none.
it("exposed bytes compile for every reader, and for no writer", () => {
  const secret = openSecrets().move(sample(32));
  const takesBytes = (bytes: Uint8Array): number => bytes.length;
  const takesReadonly = (bytes: ReadonlyBytes): number => bytes.subarray(1).length;
  const readers = [
    secret.expose((bytes) => bytes.length + bytes.byteOffset + (bytes[0] ?? 0)),
    secret.expose(takesBytes),
    secret.expose((bytes: Uint8Array<ArrayBuffer>) => bytes.subarray(1).length),
    secret.expose((bytes) => createHmac("sha256", bytes).update(bytes).digest().length),
    exposeAll([secret], ([bytes]) => bytes.slice().fill(0).length),
    secret.expose(takesReadonly) + takesReadonly(new Uint8Array(32)),
  ];
  expect(readers.every((length) => length > 0)).toBe(true);
  const writers = (bytes: ReadonlyBytes): void => {
    // @ts-expect-error: read-only
    bytes[0] = 1;
    // @ts-expect-error: read-only
    bytes.fill(0);
    // @ts-expect-error: read-only
    bytes.set([1]);
    // @ts-expect-error: read-only
    bytes.copyWithin(0, 1);
    // @ts-expect-error: read-only
    bytes.reverse();
    // @ts-expect-error: read-only
    bytes.sort();
    // @ts-expect-error: read-only
    bytes.subarray(1).fill(0);
  };
  expect(writers).toBeTypeOf("function");
  secret.destroy();
});
