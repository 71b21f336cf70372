import { afterEach, describe, expect, it } from "vitest";
import { openSodiumEngine } from "../../engines/sodium/mod.ts";
import { read, sample, thrown } from "../../testing/core/samples.ts";
import { openSealing, type Sealing } from "../../testing/features/enclave/sealing.ts";
import type { Enclave } from "./enclave.ts";
import { openEnclaves } from "./open_enclaves.ts";

const opened: { purge(): void }[] = [];
afterEach(() => {
  for (const secrets of opened.splice(0)) secrets.purge();
});
function sealing(options = {}): Sealing & { seal(seed: number): Enclave } {
  const all = openSealing(openSodiumEngine(), options);
  opened.push(all.secrets);
  return { ...all, seal: (seed) => all.sealer.seal(all.secrets.move(sample(32, seed))) };
}
const ways: readonly ((enclave: Enclave) => unknown)[] = [
  (enclave) => enclave.unseal(),
  (enclave) => enclave.expose(() => 0),
  (enclave) => enclave.clone(),
];

describe("sealed bytes that were tampered with", () => {
  it("are refused, whichever bit of the ciphertext or the tag it was", () => {
    const { engine, secrets, memory, seal } = sealing();
    const enclave = seal(1);
    const slot = engine.slots[0] as Uint8Array;
    for (let bit = 0; bit < slot.length * 8; bit++) {
      slot[bit >> 3] = (slot[bit >> 3] as number) ^ (1 << (bit & 7));
      for (const way of ways) expect(thrown(() => way(enclave)).code).toBe("ERR_LETHE_FORGED");
      slot[bit >> 3] = (slot[bit >> 3] as number) ^ (1 << (bit & 7));
    }
    expect(secrets.stats.live).toBe(0);
    expect(memory.regions.every(({ zero, live }) => zero || live === null)).toBe(true);
    expect(read(enclave.unseal())).toEqual(sample(32, 1));
  });

  it("are refused when two slots were swapped, or one copied over the other", () => {
    const { engine, seal } = sealing();
    const [one, two] = [seal(1), seal(2)];
    const [first, second] = engine.slots as [Uint8Array, Uint8Array];
    const kept = [first.slice(), second.slice()] as const;
    first.set(kept[1]);
    expect(thrown(() => one.unseal()).code).toBe("ERR_LETHE_FORGED");
    expect(read(two.unseal())).toEqual(sample(32, 2));
    second.set(kept[0]);
    expect(thrown(() => two.unseal()).code).toBe("ERR_LETHE_FORGED");
  });

  it("are refused when the slot was put back to what it held before", () => {
    const { engine, seal } = sealing();
    const earlier = seal(1);
    const kept = (engine.slots[0] as Uint8Array).slice();
    earlier.destroy();
    const later = seal(2);
    expect(engine.slots[1]?.byteOffset).toBe(engine.slots[0]?.byteOffset);
    engine.slots[1]?.set(kept);
    expect(thrown(() => later.unseal()).code).toBe("ERR_LETHE_FORGED");
  });

  it("under crash end everything", () => {
    const { engine, seal } = sealing({ onMisuse: "crash" });
    const [one, two] = [seal(1), seal(2)];
    engine.slots[0]?.fill(0);
    expect(thrown(() => one.unseal()).code).toBe("ERR_LETHE_FORGED");
    expect(two.state).toBe("destroyed");
  });
});

/** What binds a ciphertext to its enclave, one by one, whatever the nonce. */
it("the additional data names size, slot, use of the slot and length", () => {
  const { engine, secrets } = sealing();
  const seen: number[][] = [];
  const { aeadSeal } = engine;
  engine.aeadSeal = (sealed, message, additional, ...rest) => {
    seen.push([...new Uint32Array(additional.slice().buffer)]);
    aeadSeal(sealed, message, additional, ...rest);
  };
  const seal = (size: number): Enclave => openEnclaves(secrets).seal(secrets.random(size));
  seal(32);
  seal(32).destroy();
  seal(31);
  seal(60);
  expect(seen).toEqual([
    [48, 0, 1, 32],
    [48, 1, 1, 32],
    [48, 1, 3, 31],
    [80, 0, 1, 60],
  ]);
});
