import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openSodiumEngine } from "../../engines/sodium/mod.ts";
import { type Deferred, defer, sample, thrown } from "../../testing/core/samples.ts";
import { openSealing, type Sealing } from "../../testing/features/enclave/sealing.ts";
import { SOAK } from "../../testing/tier.ts";
import type { Enclave } from "./enclave.ts";
import { openEnclaves } from "./open_enclaves.ts";

interface Expected {
  readonly seed: number;
  readonly size: number;
  gone: boolean;
}

interface Scope {
  readonly of: number;
  readonly end: Deferred;
  readonly settled: Promise<unknown>;
  readonly view: Uint8Array;
}

interface World extends Sealing {
  readonly enclaves: Enclave[];
  readonly expected: Expected[];
  readonly scopes: Scope[];
  readonly rekeys: Promise<void>[];
}

type Step = readonly [name: string, pick: number, size: number];

/** What the steps do; each leaves the books of `expected` as they must be. */
const STEPS: Readonly<Record<string, (world: World, at: number, size: number) => unknown>> = {
  seal({ secrets, enclaves, expected }, _, size) {
    const seed = expected.length;
    enclaves.push(openEnclaves(secrets).seal(secrets.move(sample(size, seed))));
    expected.push({ seed, size, gone: false });
  },
  open(world, at) {
    attempt(world, at, (enclave) => {
      const secret = enclave.unseal();
      secret.expose((bytes) => agree(world, at, bytes));
      secret.destroy();
    });
  },
  expose(world, at) {
    attempt(world, at, (enclave) => enclave.expose((bytes) => agree(world, at, bytes)));
  },
  hold(world, at) {
    attempt(world, at, (enclave) => {
      const end = defer();
      let view = new Uint8Array(0);
      const settled = enclave.expose(async (bytes) => {
        view = bytes;
        await end.promise;
      });
      world.scopes.push({ of: at, end, settled, view });
    });
  },
  async release({ scopes }, at) {
    const [scope] = scopes.splice(at % (scopes.length || 1), 1);
    scope?.end.resolve();
    await scope?.settled;
    expect(scope?.view.length ?? 0).toBe(0);
  },
  clone(world, at) {
    attempt(world, at, (enclave) => {
      world.enclaves.push(enclave.clone());
      world.expected.push({ ...(world.expected[at] as Expected) });
    });
  },
  destroy({ enclaves, expected }, at) {
    enclaves[at]?.destroy();
    if (expected[at] !== undefined) expected[at].gone = true;
  },
  purge({ secrets, expected }) {
    secrets.purge();
    for (const each of expected) each.gone = true;
  },
  rekey({ secrets, rekeys }) {
    rekeys.push(openEnclaves(secrets).rekey());
  },
  turn: () => new Promise((resolve) => setTimeout(resolve, 0)),
};

function attempt(world: World, at: number, use: (enclave: Enclave) => void): void {
  const enclave = world.enclaves[at];
  if (enclave === undefined) return;
  if (world.expected[at]?.gone) {
    expect(thrown(() => use(enclave)).code).toBe("ERR_LETHE_DESTROYED");
  } else use(enclave);
}

function agree({ expected }: World, at: number, bytes: Uint8Array): void {
  const { size, seed } = expected[at] as Expected;
  expect(Buffer.compare(bytes, sample(size, seed))).toBe(0);
}

function check(world: World): void {
  const { enclaves, expected, scopes, memory, secrets } = world;
  expect(enclaves.map(({ state }) => state === "destroyed")).toEqual(
    expected.map(({ gone }) => gone),
  );
  expect(secrets.stats.sealed).toBe(expected.filter(({ gone }) => !gone).length);
  for (const { of, view } of scopes) {
    if (expected[of]?.gone) expect(view.length).toBe(0);
    else agree(world, of, view);
  }
  expect(memory.regions.filter(({ protection }) => protection !== "no-access").length).toBe(
    scopes.length,
  );
  expect(memory.violations).toEqual([]);
}

describe("enclaves", () => {
  it("are what the model says, whatever is done in whatever order", async () => {
    const name = fc.oneof(
      { weight: 3, arbitrary: fc.constant("seal") },
      { weight: 1, arbitrary: fc.constantFrom(...Object.keys(STEPS)) },
    );
    const step: fc.Arbitrary<Step> = fc.tuple(name, fc.nat(40), fc.constantFrom(1, 32, 33, 5000));
    const run = async (steps: readonly Step[]): Promise<void> => {
      const world: World = {
        ...openSealing(openSodiumEngine()),
        enclaves: [],
        expected: [],
        scopes: [],
        rekeys: [],
      };
      try {
        for (const [what, pick, size] of steps) {
          await STEPS[what]?.(world, pick % (world.enclaves.length || 1), size);
          check(world);
        }
        for (const { end, settled } of world.scopes.splice(0)) {
          end.resolve();
          await settled;
        }
        await Promise.all(world.rekeys);
        check(world);
        world.enclaves.forEach((_, at) => void STEPS["open"]?.(world, at, 0));
        expect(new Set(world.engine.nonces).size).toBe(world.engine.nonces.length);
      } finally {
        world.secrets.purge();
      }
      expect(world.memory.regions.every(({ zero }) => zero)).toBe(true);
    };
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 40, size: "max" }), run), {
      numRuns: SOAK ? 2000 : 60,
    });
  }, 600_000);
});
