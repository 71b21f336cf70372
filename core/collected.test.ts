import { afterEach, describe, expect, it, vi } from "vitest";
import { openSecrets } from "../memories/heap/mod.ts";
import { FakeMemory } from "../testing/core/fake_memory.ts";
import { sample } from "../testing/core/samples.ts";
import { LetheError } from "./contract/errors.ts";
import type { SecretBuffer } from "./contract/secret_buffer.ts";
import type { Secrets } from "./contract/secrets.ts";
import { exposeAll } from "./expose_all.ts";

type Use = (bytes: Uint8Array) => Promise<unknown>;

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** Makes secrets in a frame of their own, so that nothing on the caller's stack holds them. */
function drop(secrets: Secrets, count: number): void {
  for (let index = 0; index < count; index++) secrets.move(sample(8));
}

async function collectUntil(done: () => boolean): Promise<void> {
  for (let round = 0; round < 200 && !done(); round++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(done()).toBe(true);
}

describe("a secret that is dropped without destroy", () => {
  it("is wiped, released and counted when it is collected", async () => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    const memory = new FakeMemory();
    const secrets = openSecrets({ memory });
    drop(secrets, 20);
    const dropped = memory.regions.slice(1);
    await collectUntil(() => secrets.stats.collected === 20);
    expect(dropped.every(({ zero, released }) => zero && released === 1)).toBe(true);
    expect([secrets.stats.live, secrets.stats.bytes, memory.violations]).toEqual([0, 0, []]);
    expect(warn).not.toHaveBeenCalled();
  });

  it("is noticed also when a program has replaced Promise.prototype.then since", async () => {
    const memory = new FakeMemory();
    const secrets = openSecrets({ memory });
    await null; // what was made before in this turn is noted with it
    const { then } = Promise.prototype;
    try {
      // biome-ignore lint/suspicious/noThenProperty: what a program may have put there
      Promise.prototype.then = () => new Promise(() => undefined);
      drop(secrets, 1);
    } finally {
      // biome-ignore lint/suspicious/noThenProperty: as it was
      Promise.prototype.then = then;
    }
    await collectUntil(() => secrets.stats.collected === 1);
    expect(memory.last.zero).toBe(true);
  });

  it("is reported with the place of its creation when leaks are tracked", async () => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    const secrets = openSecrets({ trackLeaks: true });
    drop(secrets, 1);
    await collectUntil(() => warn.mock.calls.length > 0);
    const line = String(warn.mock.calls[0]?.[0]);
    expect(line).toMatch(/^lethe: a secret of 8 bytes was dropped without destroy\(\), created\n/);
    expect(line).toContain("collected.test.ts");
  });

  it("and whose memory fails is reported, does not end the program, and stays live", async () => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    const memory = new FakeMemory();
    const secrets = openSecrets({ memory });
    drop(secrets, 1);
    memory.arm({ at: 0, when: "before", error: new LetheError("ERR_LETHE_PROTECT", "no") });
    await collectUntil(() => warn.mock.calls.length > 0);
    expect(String(warn.mock.calls[0]?.[0])).toMatch(/could not be ended: ERR_LETHE_PROTECT$/);
    expect([secrets.stats.live, secrets.stats.collected]).toEqual([1, 1]);
    secrets.purge();
    expect([secrets.stats.live, memory.last.released]).toEqual([0, 1]);
  });

  it("wipes every live secret before a crash when its canary is damaged", async () => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    const memory = new FakeMemory();
    const { secretsOpener } = await import("./open_secrets.ts");
    const aborted: string[] = [];
    const abort = (line: string): never => {
      aborted.push(`${line} ${kept.state}`);
      throw new Error("aborted");
    };
    const provider = { name: "fake", open: () => memory };
    const open = secretsOpener({ name: "test", memories: [provider], abort });
    const secrets = open({ onMisuse: "crash" });
    const kept = openSecrets().random(8);
    drop(secrets, 1);
    memory.arm({ at: 4, when: "after", error: new LetheError("ERR_LETHE_CANARY", "damaged") });
    await collectUntil(() => aborted.length > 0);
    expect(aborted).toEqual(["lethe: ERR_LETHE_CANARY: damaged destroyed"]);
    expect(warn).toHaveBeenCalled();
  });
});

describe("a secret that is not dropped", () => {
  it.each([
    ["expose", (secret: SecretBuffer, use: Use) => secret.expose(use)],
    ["exposeAll", (secret: SecretBuffer, use: Use) => exposeAll([secret], ([one]) => use(one))],
  ] as const)("is kept by its view while an async %s is open", async (_, expose) => {
    const secrets = openSecrets();
    const views: Uint8Array[] = [];
    const start = (): void => {
      void expose(secrets.move(sample(8)), (bytes) => {
        views.push(bytes);
        return new Promise(() => undefined);
      });
    };
    start();
    const control = openSecrets();
    drop(control, 5);
    await collectUntil(() => control.stats.collected === 5);
    expect([secrets.stats.live, secrets.stats.collected]).toEqual([1, 0]);
    expect([...(views[0] ?? [])]).toEqual([...sample(8)]);
    secrets.purge();
    expect(views[0]?.length).toBe(0);
  });

  it("is no longer watched once it was destroyed", async () => {
    const unregister = vi.spyOn(FinalizationRegistry.prototype, "unregister");
    const secrets = openSecrets();
    const secret = secrets.random(8);
    await Promise.resolve();
    expect(unregister).not.toHaveBeenCalled();
    secret.destroy();
    expect(unregister.mock.results).toEqual([{ type: "return", value: true }]);
  });

  it("is not watched in the turn that made it, which it cannot be dropped in", async () => {
    const register = vi.spyOn(FinalizationRegistry.prototype, "register");
    const secrets = openSecrets();
    const [first, kept] = [secrets.random(8), secrets.random(8)];
    first.destroy();
    expect(register).not.toHaveBeenCalled();
    await Promise.resolve();
    expect(register).toHaveBeenCalledOnce();
    kept.destroy();
  });

  it("is still watched when its destruction failed", async () => {
    const memory = new FakeMemory();
    const secret = openSecrets({ memory }).random(8);
    await Promise.resolve();
    const unregister = vi.spyOn(FinalizationRegistry.prototype, "unregister");
    memory.arm({ at: 0, when: "before", error: new LetheError("ERR_LETHE_PROTECT", "no") });
    expect(() => secret.destroy()).toThrow("no");
    expect(unregister).not.toHaveBeenCalled();
    secret.destroy();
    expect(unregister).toHaveBeenCalledOnce();
  });
});

it("where the runtime has no FinalizationRegistry, secrets live and end, and the guarantee is none", async () => {
  vi.stubGlobal("FinalizationRegistry", undefined);
  vi.resetModules();
  const { openSecrets } = await import("../memories/heap/mod.ts");
  const secrets = openSecrets();
  const secret = secrets.random(8);
  await null;
  secret.destroy();
  expect([secret.state, secrets.stats.live]).toEqual(["destroyed", 0]);
  const { level, evidence } = secrets.guarantees["wiped-when-collected"];
  expect([level, evidence]).toEqual([
    "none",
    "this runtime has no FinalizationRegistry; call destroy()",
  ]);
  vi.resetModules();
});
