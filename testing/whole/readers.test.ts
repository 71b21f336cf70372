import vm from "node:vm";
import { afterAll, describe, expect, it } from "vitest";
import * as entry from "../../adapters/node/mod.ts";
import { simpleLender } from "../core/standard/lenders.ts";
import { type MakeLender, readers } from "./readers.ts";

const secrets = entry.openSecrets({ memory: "heap" });
afterAll(() => secrets.purge());

const CONTENT = Uint8Array.from({ length: 32 }, (_, at) => at * 7 + 1);
const LENDERS: Readonly<Record<string, MakeLender>> = {
  "ten lines": () => simpleLender(CONTENT),
  "another realm": () =>
    vm.runInNewContext(
      `({ "~secret": { version: 1, vendor: "frame", byteLength: 32, expose(use) {
        const copy = Uint8Array.from(content);
        try { return use(copy); } finally { copy.fill(0); } } } })`,
      { content: [...CONTENT] },
    ),
  "a class that inherits": () => {
    class Base {
      get "~secret"(): unknown {
        return simpleLender(CONTENT)["~secret"];
      }
    }
    return new (class extends Base {})() as never;
  },
};

describe("every parameter that reads a secret", () => {
  it.each(Object.keys(LENDERS))("takes one of %s, and leaves nothing behind", async (kind) => {
    const said: Record<string, string> = {};
    for (const [name, call] of Object.entries(
      readers(entry as never, secrets, LENDERS[kind] as MakeLender),
    )) {
      said[name] = await call();
      expect(secrets.stats.live, name).toBe(0);
    }
    expect(said).toEqual(Object.fromEntries(Object.keys(said).map((name) => [name, ""])));
  });
});
