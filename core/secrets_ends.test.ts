import { describe, expect, it, vi } from "vitest";
import { openSecrets } from "../memories/heap/mod.ts";
import { FakeMemory } from "../testing/core/fake_memory.ts";
import { ascii, thrown } from "../testing/core/samples.ts";
import { simpleLender } from "../testing/core/standard/lenders.ts";
import { kindOf } from "./arguments/kind_of.ts";
import { exposeAll } from "./expose_all.ts";
import { inBackground } from "./in_background.ts";
import { redact } from "./redact.ts";
import {
  assertNoSecrets,
  attachSealing,
  detachSealing,
  purgeAll,
  Registry,
  type Sealing,
} from "./registry.ts";
import { tryAll } from "./try_all.ts";

describe("what holds the keys of sealed secrets", () => {
  function sealing(live: number): Sealing & { purged: number } {
    return {
      live,
      purged: 0,
      purge() {
        this.purged += 1;
      },
    };
  }

  it("is counted, told and purged with the secrets until it is detached", () => {
    const registry = new Registry("throw", undefined);
    const [one, other] = [sealing(2), sealing(3)];
    attachSealing(registry, one);
    attachSealing(registry, other);
    expect(registry.stats.sealed).toBe(5);
    expect(thrown(assertNoSecrets).message).toContain("\n  sealed in enclaves: 5");
    registry.purge();
    purgeAll();
    expect([one.purged, other.purged]).toEqual([2, 2]);
    detachSealing(registry, one);
    expect(registry.stats.sealed).toBe(3);
    expect(thrown(assertNoSecrets).message).toContain("sealed in enclaves: 3");
    detachSealing(registry, other);
    expect(() => assertNoSecrets()).not.toThrow();
    purgeAll();
    expect(one.purged).toBe(2);
  });

  it("keeps no other from its purge, and the first error is raised", () => {
    const steps: string[] = [];
    const fails = (name: string) => () => {
      steps.push(name);
      throw new Error(name);
    };
    expect(() => tryAll([fails("a"), () => steps.push("b"), fails("c")])).toThrow("a");
    expect(steps).toEqual(["a", "b", "c"]);
    expect(() => tryAll([])).not.toThrow();
  });
});

describe("secrets", () => {
  it("sweep their memory after a purge, also one that failed", () => {
    const memory = Object.assign(new FakeMemory(), { sweep: vi.fn() });
    const secrets = openSecrets({ memory });
    secrets.purge();
    expect(memory.sweep.mock.calls.length).toBe(1);
    expect([`${secrets}`, kindOf(secrets)]).toEqual(["Secrets(fake, redacted)", "a Secrets"]);
  });

  it("keep no text of what they decode, and name what they refuse", () => {
    const secrets = openSecrets();
    const text = secrets.move(ascii("6162"));
    expect(secrets.decode(text, "hex").byteLength).toBe(2);
    expect(secrets.stats.live).toBe(2);
    expect(() => secrets.allocate(0)).toThrow(/^Cannot allocate secret as byteLength must be/);
    expect(() => secrets.random(0)).toThrow(/^Cannot make random secret as byteLength must be/);
    expect(() => secrets.land(0, () => undefined)).toThrow(/^Cannot land secret as byteLength/);
    expect(() => secrets.encode(text, "no" as never)).toThrow(/^Cannot encode secret as encoding/);
    expect(() => secrets.decode(ascii("61"), "no" as never)).toThrow(
      /^Cannot decode secret as enc/,
    );
    expect(() => exposeAll(5 as never, () => 0)).toThrow(
      /array of SecretBuffers: current value is a n/,
    );
    expect(() => exposeAll([text, 5 as never], () => 0)).toThrow(/: one of them is a number$/);
    expect(() => exposeAll([simpleLender(ascii("x")) as never], () => 0)).toThrow(
      /: one of them is an object; take in a copy, which secrets\.adopt\(\) makes$/,
    );
    secrets.purge();
  });
});

it("a redacted object gives one text in every way, which nobody replaces", () => {
  class Shown {}
  redact(Shown, () => "shown");
  const names = ["nodejs.util.inspect.custom", "Deno.customInspect", "Deno.privateCustomInspect"];
  const keys = [
    "toString",
    "toJSON",
    "toLocaleString",
    Symbol.toPrimitive,
    ...names.map(Symbol.for),
  ];
  for (const key of keys) {
    const property = Object.getOwnPropertyDescriptor(Shown.prototype, key);
    expect([property?.writable, property?.configurable, property?.enumerable]).toEqual([
      false,
      false,
      false,
    ]);
    expect(property?.value.call(new Shown())).toBe("shown");
  }
  class Failing {}
  redact(Failing, () => {
    throw new Error("no text");
  });
  expect(`${new Failing()}`).toBe("redacted");
});

it("work for a timer runs, and its errors are logged by their code alone", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  let ran = 0;
  inBackground(
    () => {
      ran += 1;
    },
    () => "never",
  );
  const fails = () => {
    throw new Error("quotes a secret");
  };
  inBackground(fails, (code) => `failed: ${code}`);
  inBackground(fails, () => null);
  inBackground(
    async () => fails(),
    (code) => `later: ${code}`,
  ); // as an async listener does
  await null;
  await null;
  expect([ran, warn.mock.calls]).toEqual([
    1,
    [["failed: its memory failed"], ["later: its memory failed"]],
  ]);
  warn.mockRestore();
});
