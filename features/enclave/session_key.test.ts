import { afterEach, describe, expect, it, vi } from "vitest";
import { LetheError } from "../../core/contract/errors.ts";
import { secretsOpener } from "../../core/open_secrets.ts";
import { openSodiumEngine } from "../../engines/sodium/mod.ts";
import { FakeMemory } from "../../testing/core/fake_memory.ts";
import { read, sample } from "../../testing/core/samples.ts";
import { openSealing } from "../../testing/features/enclave/sealing.ts";
import { openEnclaves } from "./open_enclaves.ts";

afterEach(() => void vi.useRealTimers());

/** Everything in the region of the session key, in pieces of a key's length. */
function pieces(bytes: readonly number[]): string[] {
  return bytes.map((_, start) => bytes.slice(start, start + 32).join());
}

describe("the session key", () => {
  it("is whole in no region, before, between and after its uses; its halves change in time", () => {
    vi.useFakeTimers();
    const { secrets, memory, engine, sealer } = openSealing(openSodiumEngine());
    const enclave = sealer.seal(secrets.move(sample(32)));
    const region = memory.regions.find(({ byteLength }) => byteLength > 4096);
    const seen: number[][] = [];
    for (let round = 0; round < 4; round++) {
      enclave.expose(() => seen.push(region?.bytes ?? []));
      seen.push(region?.bytes ?? []);
      vi.advanceTimersByTime(600);
    }
    const key = engine.keys[0] as string;
    for (const state of seen) expect(pieces(state)).not.toContain(key);
    const halves = seen.map((state) => [state.slice(0, 32), state.slice(4096, 4128)] as const);
    for (const [left, right] of halves) {
      expect(left.map((byte, index) => byte ^ (right[index] as number)).join()).toBe(key);
    }
    expect(new Set(halves.map(([left]) => left.join())).size).toBe(4);
    expect(new Set(halves.map(([, right]) => right.join())).size).toBe(4);
    expect(read(enclave.unseal())).toEqual(sample(32));
    secrets.purge();
  });

  it("is destroyed soon after the last enclave, and the timer with it", () => {
    vi.useFakeTimers();
    const { secrets, memory, engine, sealer } = openSealing(openSodiumEngine());
    sealer.seal(secrets.random(32)).destroy();
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(600);
    expect(vi.getTimerCount()).toBe(0);
    expect(memory.regions.every(({ zero, released }) => zero && released === 1)).toBe(true);
    const enclave = sealer.seal(secrets.move(sample(32)));
    expect(engine.keys[1]).not.toBe(engine.keys[0]);
    expect(read(enclave.unseal())).toEqual(sample(32));
    secrets.purge();
    expect(vi.getTimerCount()).toBe(0);
  });

  it("has a timer that also gives up the room of a large enclave that was destroyed", () => {
    vi.useFakeTimers();
    const { secrets, engine, sealer } = openSealing(openSodiumEngine());
    const kept = sealer.seal(secrets.random(32));
    const rooms: (ArrayBufferLike | undefined)[] = [];
    for (const pause of [0, 600, 0]) {
      sealer.seal(secrets.random(2 ** 20)).destroy();
      rooms.push(engine.slots.at(-1)?.buffer);
      vi.advanceTimersByTime(pause);
    }
    expect([rooms[1] === rooms[0], rooms[2] === rooms[1]]).toEqual([true, false]);
    kept.destroy();
  });

  it("has a timer that tells once what it fails with, and again after it did not", () => {
    vi.useFakeTimers();
    const warned = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const { secrets, memory, sealer } = openSealing(openSodiumEngine());
    sealer.seal(secrets.random(32));
    const error = new LetheError("ERR_LETHE_PROTECT", "on purpose");
    for (const times of [1, 2]) {
      memory.arm({ at: 0, when: "before", error, lasting: true });
      vi.advanceTimersByTime(2000);
      expect(warned).toHaveBeenCalledTimes(times);
      memory.arm();
      vi.advanceTimersByTime(600);
    }
    expect(warned.mock.lastCall?.[0]).toMatch(/ERR_LETHE_PROTECT/);
    warned.mockRestore();
    secrets.purge();
  });

  it("serves without timers too", () => {
    const open = secretsOpener({ name: "test", memories: [], repeat: () => null });
    const secrets = open({ memory: new FakeMemory(), engine: openSodiumEngine() });
    const enclave = openEnclaves(secrets).seal(secrets.move(sample(32)));
    expect(read(enclave.unseal())).toEqual(sample(32));
    secrets.purge();
  });
});
