import { afterEach, describe, expect, it, vi } from "vitest";
import { LetheError } from "../../core/contract/errors.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import { openSodiumEngine } from "../../engines/sodium/mod.ts";
import type { FakeRegion, Fault } from "../../testing/core/fake_memory.ts";
import { settle, WAYS } from "../../testing/core/port_faults.ts";
import { sample } from "../../testing/core/samples.ts";
import { openSealing } from "../../testing/features/enclave/sealing.ts";
import type { Enclave } from "./enclave.ts";
import { openEnclaves } from "./open_enclaves.ts";

const ENGINE = openSodiumEngine();

type Script = (enclave: Enclave, secrets: Secrets) => unknown;

const SCRIPTS: Readonly<Record<string, Script>> = {
  seal: (_, secrets) => openEnclaves(secrets).seal(secrets.move(sample(8, 3))),
  expose: (enclave) => enclave.expose((bytes) => bytes[0]),
  "nested expose": (enclave) => enclave.expose(() => enclave.expose((bytes) => bytes[0])),
  "async expose": (enclave) => enclave.expose(async (bytes) => bytes[0]),
  "overlapping async exposes": (enclave) => overlapping(enclave, () => undefined),
  open: (enclave) => enclave.unseal().destroy(),
  clone: (enclave) => enclave.clone().destroy(),
  "destroy inside expose": (enclave) => enclave.expose(() => enclave.destroy()),
  "purge inside expose": (enclave, secrets) => enclave.expose(() => secrets.purge()),
  "purge inside async exposes": (enclave, secrets) => overlapping(enclave, () => secrets.purge()),
  purge: (_, secrets) => secrets.purge(),
  rekey: (_, secrets) => openEnclaves(secrets).rekey(),
  "a while": () => expect(() => vi.advanceTimersByTime(600)).not.toThrow(),
  "a while with one destroyed": (enclave) => {
    enclave.destroy();
    expect(() => vi.advanceTimersByTime(600)).not.toThrow();
  },
};

async function overlapping(enclave: Enclave, meanwhile: () => void): Promise<void> {
  const scopes: Promise<number>[] = [];
  try {
    for (const result of [1, 2, 3]) scopes.push(enclave.expose(async () => result));
    meanwhile();
  } finally {
    await Promise.allSettled(scopes);
  }
  await Promise.all(scopes);
}

/** Wiped and closed. Given back it was once at most: what cannot be given back is lost, not reused. */
function hasEnded(region: FakeRegion): void {
  expect([region.zero, region.live, region.protection]).toEqual([true, null, "no-access"]);
  expect(region.released).toBeLessThanOrEqual(1);
}

/** Fails call `at` of `script`; then everything must end without a fault. The call that failed. */
async function failAt(script: Script, fault: Omit<Fault, "error">): Promise<string> {
  const warned = vi.spyOn(console, "warn").mockImplementation(() => undefined);
  const { memory, secrets, sealer } = openSealing(ENGINE);
  const [enclave, other] = [1, 2].map((seed) => sealer.seal(secrets.move(sample(8, seed))));
  const error = new LetheError("ERR_LETHE_PROTECT", "on purpose");
  memory.arm({ ...fault, error });
  const outcome = await settle(() => script(enclave as Enclave, secrets));
  const failed = memory.calls[fault.at] ?? "nothing";
  memory.arm();
  expect(outcome).not.toMatchObject({ name: "AssertionError" });
  if (failed !== "nothing") {
    const told = [String(outcome), ...warned.mock.calls.flat().map(String)].join();
    expect(told).toMatch(/on purpose|ERR_LETHE_PROTECT/);
  }
  if (other?.state === "sealed") {
    expect(other.expose((bytes) => [...bytes])).toEqual([...sample(8, 2)]);
  }
  expect(memory.violations).toEqual([]);
  secrets.purge();
  vi.advanceTimersByTime(600);
  expect([secrets.stats.sealed, secrets.stats.live, memory.violations]).toEqual([0, 0, []]);
  for (const region of memory.regions) hasEnded(region);
  return failed;
}

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe.each(Object.entries(SCRIPTS))("%s", (_name, script) => {
  it.each(WAYS)(
    "survives each failure of its memory, %s it worked, lasting: %s",
    async (when, lasting) => {
      vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
      let count = 0;
      for (; count < 200; count++) {
        if ((await failAt(script, { at: count, when, lasting })) === "nothing") break;
      }
      expect(count).toBeGreaterThan(0);
      expect(count).toBeLessThan(200);
    },
  );
});
