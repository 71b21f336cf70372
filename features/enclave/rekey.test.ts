import { afterEach, describe, expect, it } from "vitest";
import { openSodiumEngine } from "../../engines/sodium/mod.ts";
import { read, sample, thrown } from "../../testing/core/samples.ts";
import { openSealing, type Sealing } from "../../testing/features/enclave/sealing.ts";
import type { Enclave } from "./enclave.ts";

const opened: { purge(): void }[] = [];
afterEach(() => {
  for (const secrets of opened.splice(0)) secrets.purge();
});

interface Rekeyed extends Sealing {
  readonly enclaves: Enclave[];
  seal(seed: number): Enclave;
  right(): boolean;
}

/** So many that a run takes several slices. */
function sealing(count: number): Rekeyed {
  const all = openSealing(openSodiumEngine());
  opened.push(all.secrets);
  const { secrets, sealer } = all;
  const sizes = [32, 100, 3000];
  const size = (seed: number): number => sizes[seed % sizes.length] as number;
  const seal = (seed: number): Enclave => sealer.seal(secrets.move(sample(size(seed), seed)));
  const enclaves = Array.from({ length: count }, (_, seed) => seal(seed));
  const right = (): boolean =>
    enclaves.every(
      (enclave, seed) =>
        enclave.state === "destroyed" ||
        enclave.expose((bytes) => Buffer.compare(bytes, sample(size(seed), seed)) === 0),
    );
  return { ...all, enclaves, seal, right };
}
const live = ({ memory }: Sealing): number =>
  memory.regions.filter(({ released, byteLength }) => released === 0 && byteLength > 4096).length;
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe("rekey", () => {
  it("puts every enclave under another key, and destroys the old one", async () => {
    const all = sealing(300);
    await all.sealer.rekey();
    expect(all.right()).toBe(true);
    expect(new Set(all.engine.keys.slice(0, 300)).size).toBe(1);
    expect(new Set(all.engine.keys.slice(300)).size).toBe(1);
    expect(new Set(all.engine.keys).size).toBe(2);
    expect(new Set(all.engine.nonces).size).toBe(600);
    expect(live(all)).toBe(1);
    expect(all.memory.violations).toEqual([]);
  });

  it("lets enclaves be opened, sealed, cloned and destroyed meanwhile", async () => {
    const all = sealing(3000);
    let done = false;
    const run = all.sealer.rekey().then(() => {
      done = true;
    });
    let turns = 0;
    for (; !done; turns++) {
      const at = (turns * 997) % 2500;
      all.enclaves[at]?.destroy();
      const other = all.enclaves[2500 + (turns % 500)] as Enclave;
      const clone = other.clone();
      expect(read(clone.unseal())).toEqual(read(other.unseal()));
      clone.destroy();
      all.enclaves.push(all.seal(all.enclaves.length));
      await turn();
    }
    await run;
    expect(turns).toBeGreaterThan(2);
    expect(all.right()).toBe(true);
    expect(live(all)).toBe(1);
    const last = all.engine.keys.at(-1);
    await all.sealer.rekey();
    expect(all.engine.keys.at(-1)).not.toBe(last);
    expect(new Set(all.engine.nonces).size).toBe(all.engine.nonces.length);
    expect(all.memory.violations).toEqual([]);
  });

  it("called twice at once ends twice, and a third time with the second", async () => {
    const all = sealing(2000);
    const order: number[] = [];
    const runs = [1, 2, 3].map((n) => all.sealer.rekey().then(() => order.push(n)));
    await Promise.all(runs);
    expect(order).toEqual([1, 2, 3]);
    expect(new Set(all.engine.keys).size).toBe(3);
    expect([all.right(), live(all)]).toEqual([true, 1]);
  });

  it("ends with a purge in the middle, and leaves nothing", async () => {
    const all = sealing(3000);
    const run = all.sealer.rekey();
    await turn();
    all.secrets.purge();
    await run;
    expect(all.enclaves.every(({ state }) => state === "destroyed")).toBe(true);
    expect(all.memory.regions.every(({ zero, released }) => zero && released === 1)).toBe(true);
    const next = all.seal(1);
    expect(read(next.unseal())).toEqual(sample(100, 1));
    expect(all.memory.violations).toEqual([]);
  });

  it("tells of an enclave that was tampered with, and does the others", async () => {
    const all = sealing(50);
    all.engine.slots[7]?.fill(1);
    await expect(all.sealer.rekey()).rejects.toMatchObject({ code: "ERR_LETHE_FORGED" });
    const [broken] = all.enclaves.splice(7, 1, all.enclaves[0] as Enclave);
    expect(thrown(() => broken?.unseal()).code).toBe("ERR_LETHE_FORGED");
    all.enclaves.splice(7, 1);
    expect(live(all)).toBe(1);
    expect(all.enclaves.slice(0, 7).every((enclave) => enclave.expose(() => true))).toBe(true);
  });

  it("that finds no room leaves everything readable, and can be called again", async () => {
    const all = sealing(30);
    const { allocate } = all.memory;
    let left = 1; // the key, and not the room for the first slice
    all.memory.allocate = (length) => {
      if (left-- <= 0) throw new RangeError("full");
      return allocate.call(all.memory, length);
    };
    await expect(all.sealer.rekey()).rejects.toThrow("full");
    left = 1000;
    expect([all.right(), live(all)]).toEqual([true, 1]);
    await all.sealer.rekey();
    expect([all.right(), live(all)]).toEqual([true, 1]);
  });

  it("without enclaves has nothing to do", async () => {
    const all = sealing(0);
    await all.sealer.rekey();
    expect(live(all)).toBe(0);
    expect(all.engine.keys).toEqual([]);
  });
});
