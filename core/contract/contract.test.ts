import { expect, it } from "vitest";
import { LetheError, MISUSE } from "./errors.ts";
import { enginesOf } from "./runtime.ts";
import { KEY_BYTES, NONCE_BYTES, PASSWORD_SALT_BYTES, TAG_BYTES } from "./sizes.ts";

it("has the sizes of XChaCha20-Poly1305 and of a salt of Argon2id", () => {
  expect([KEY_BYTES, NONCE_BYTES, TAG_BYTES, PASSWORD_SALT_BYTES]).toEqual([32, 24, 16, 16]);
});

it("has the engines of a runtime, or none", () => {
  const engines = [{} as never];
  expect([enginesOf({}), enginesOf({ engines })]).toEqual([[], engines]);
});

it("names its errors, and which of them are a bug or damage", () => {
  const error = new LetheError("ERR_LETHE_BUSY", "Cannot a b: c");
  expect([error.name, error.code, error.message]).toEqual([
    "LetheError",
    "ERR_LETHE_BUSY",
    "Cannot a b: c",
  ]);
  expect([...MISUSE].sort()).toEqual([
    "ERR_LETHE_CANARY",
    "ERR_LETHE_DESTROYED",
    "ERR_LETHE_FORGED",
    "ERR_LETHE_FROZEN",
    "ERR_LETHE_KEY_SIZE",
    "ERR_LETHE_WIPE",
  ]);
});
