import { expect, it } from "vitest";
import { LetheError } from "./errors.ts";
import { enginesOf } from "./runtime.ts";
import { KEY_BYTES, NONCE_BYTES, PASSWORD_SALT_BYTES, TAG_BYTES } from "./sizes.ts";

it("has the sizes of XChaCha20-Poly1305 and of a salt of Argon2id", () => {
  expect([KEY_BYTES, NONCE_BYTES, TAG_BYTES, PASSWORD_SALT_BYTES]).toEqual([32, 24, 16, 16]);
});

it("has the engines of a runtime, or none", () => {
  const engines = [{} as never];
  expect([enginesOf({}), enginesOf({ engines })]).toEqual([[], engines]);
});

it("names its errors", () => {
  const error = new LetheError("ERR_LETHE_BUSY", "Cannot a b: c");
  expect([error.name, error.code, error.message]).toEqual([
    "LetheError",
    "ERR_LETHE_BUSY",
    "Cannot a b: c",
  ]);
});
