import process from "node:process";
import { afterEach, expect, it, vi } from "vitest";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

/** The module as it is where its platform is as it was stubbed. */
const load = (): Promise<typeof import("./globals.ts")> => {
  vi.resetModules();
  return import("./globals.ts");
};

/** As a server loads it. */
async function loadOnServer(): ReturnType<typeof load> {
  const globals = await load();
  (await import("../system/stand_ins.ts")).standIn();
  return globals;
}

it("takes timers of node:timers, also where the global ones were replaced before it was loaded", async () => {
  const never = (): never => {
    throw new Error("the global timer was taken");
  };
  for (const name of ["setTimeout", "setInterval", "setImmediate"]) vi.stubGlobal(name, never);
  const { laterTurn, repeat } = await load();
  await laterTurn();
  const ticks: number[] = [];
  const stop = repeat(() => void ticks.push(1), 1);
  while (ticks.length < 3) await laterTurn();
  stop?.();
});

it("takes the generator that was there when it was loaded, whatever is put in its place before it is used", async () => {
  const { fillRandom } = await loadOnServer();
  const nothing = <T>(values: T): T => values;
  const own = Object.assign(globalThis.crypto, { getRandomValues: nothing });
  try {
    vi.stubGlobal("crypto", { getRandomValues: nothing });
    expect(fillRandom(new Uint8Array(64)).some((byte) => byte !== 0)).toBe(true);
  } finally {
    delete (own as { getRandomValues?: unknown }).getRandomValues;
  }
});

it("takes the clock that was there when it was loaded, whatever is put in its place before it is used", async () => {
  const { monotonicNow } = await loadOnServer();
  vi.stubGlobal("performance", { now: () => -1 });
  expect(monotonicNow()).toBeGreaterThan(0);
});

it("says that there are no timers where a worker has none at this moment", async () => {
  vi.stubGlobal("process", { getBuiltinModule: () => undefined });
  vi.stubGlobal("setInterval", () => {
    throw new Error("Disallowed operation called within global scope");
  });
  expect((await load()).repeat(() => undefined, 1)).toBe(null);
});

it("does with a platform that has neither node:timers, nor setImmediate, nor a generator", async () => {
  for (const process of [undefined, {}, { getBuiltinModule: () => "no module".at(99)?.at(0) }]) {
    vi.stubGlobal("process", process);
    vi.stubGlobal("setImmediate", undefined);
    vi.stubGlobal("crypto", undefined);
    const { fillRandom, laterTurn } = await load();
    await laterTurn();
    expect(() => fillRandom(new Uint8Array(1))).toThrow(/no crypto.getRandomValues/);
  }
  expect(process).toBeDefined();
});
