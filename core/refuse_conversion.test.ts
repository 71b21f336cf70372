import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { writeFileSync } from "node:fs";
import { inspect } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { openSodiumEngine } from "../engines/sodium/mod.ts";
import { openEnclaves } from "../features/enclave/open_enclaves.ts";
import { openSecrets } from "../memories/heap/mod.ts";
import { sample } from "../testing/core/samples.ts";

const secrets = openSecrets({ engine: openSodiumEngine() });
afterEach(() => secrets.purge());

/** What a program may do with an object that it takes for bytes. */
const CONVERSIONS: Readonly<Record<string, (value: never) => unknown>> = {
  "Buffer.from": (value) => Buffer.from(value),
  "new Uint8Array": (value) => new Uint8Array(value),
  "Uint8Array.from": (value) => Uint8Array.from(value),
  "Array.from": (value) => Array.from(value),
  spread: (value) => [...(value as Iterable<unknown>)],
  "TypedArray.set": (value) => new Uint8Array(64).set([...(value as Iterable<number>)]),
  "Buffer.concat": (value) => Buffer.concat([value]),
  "a key of node:crypto": (value) => createHmac("sha256", value),
  "data of node:crypto": (value) => createHmac("sha256", "key").update(value),
  "content of a file": (value) => writeFileSync("/dev/null", value),
};

const held = {
  secret: () => secrets.move(sample(32)),
  enclave: () => openEnclaves(secrets).seal(secrets.move(sample(32))),
};

describe.each(Object.entries(held))("%s", (what, make) => {
  it.each(Object.keys(CONVERSIONS))("gives no bytes without a word to %s", (name) => {
    expect(() => CONVERSIONS[name]?.(make() as never)).toThrow(TypeError);
  });

  it("says how its bytes are had", () => {
    for (const name of ["Buffer.from", "new Uint8Array", "spread"]) {
      expect(() => CONVERSIONS[name]?.(make() as never)).toThrow(
        new RegExp(
          `^Cannot make bytes of ${what} as it lends them only inside a call: use ${what}`,
        ),
      );
    }
  });

  it("stays a redacted text wherever text is made of it", () => {
    const value = make();
    const texts = [`${value}`, String(value), JSON.stringify(value), inspect(value)];
    texts.push(
      inspect(value, { customInspect: false, showHidden: true }),
      Object(value).toString(),
    );
    for (const text of texts) expect(text).not.toContain("75"); // a byte of the sample, in decimal
    expect(texts[0]).toMatch(/redacted/);
    expect(`${Number(value)}`).toBe("NaN");
  });
});
