import { describe, expect, it } from "vitest";
import { openSecrets } from "../memories/heap/mod.ts";
import { FakeMemory, type FakeRegion, type Fault } from "../testing/core/fake_memory.ts";
import { settle, WAYS } from "../testing/core/port_faults.ts";
import { sample, thrown } from "../testing/core/samples.ts";
import { LetheError } from "./contract/errors.ts";
import type { SecretBuffer } from "./contract/secret_buffer.ts";
import type { Secrets } from "./contract/secrets.ts";

type Script = (secret: SecretBuffer, secrets: Secrets) => unknown;

const SCRIPTS: Readonly<Record<string, Script>> = {
  expose: (secret) => secret.expose((bytes) => bytes[0]),
  "nested expose": (secret) => secret.expose(() => secret.expose((bytes) => bytes[0])),
  "expose that throws": (secret) =>
    secret.expose(() => {
      throw new Error("of the program");
    }),
  "async expose": (secret) => secret.expose(async (bytes) => bytes[0]),
  "overlapping async exposes": (secret) =>
    Promise.all([secret.expose(async () => 1), secret.expose(async () => 2)]),
  modify: (secret) => secret.modify((bytes) => bytes.fill(9)),
  "async modify": (secret) => secret.modify(async (bytes) => bytes.fill(9)),
  clone: (secret) => secret.clone().destroy(),
  move: (_, secrets) => secrets.move(sample(8)).destroy(),
  "encode and decode": (secret, secrets) =>
    secrets
      .decode(
        secrets.encode(secret, "hex").expose((text) => text.slice()),
        "hex",
      )
      .destroy(),
  destroy: (secret) => secret.destroy(),
  "destroy inside expose": (secret) => secret.expose(() => secret.destroy()),
  "destroy inside modify": (secret) => secret.modify(() => secret.destroy()),
  "purge inside expose": (secret, secrets) => secret.expose(() => secrets.purge()),
  purge: (_, secrets) => secrets.purge(),
};

/** What must hold however a port call failed: no state says more than the pages keep. */
function isTruthful(state: string | null, region: FakeRegion): void {
  if (state === "guarded") {
    expect([region.protection, region.live]).toEqual(["no-access", null]);
  }
  if (state === "exposed") expect(region.protection).not.toBe("read-write");
  if (state === "destroyed") {
    expect([region.zero, region.live]).toEqual([true, null]);
  }
  expect(region.released).toBeLessThanOrEqual(1);
  if (region.released === 1) expect(region.zero).toBe(true);
}

/** Fails call `at` of `script`, checks the truth, then has everything destroyed without a fault. */
async function failAt(script: Script, fault: Omit<Fault, "error">): Promise<string> {
  const memory = new FakeMemory();
  const secrets = openSecrets({ memory });
  const secret = secrets.move(sample(8));
  const first = memory.last;
  const error = new LetheError("ERR_LETHE_PROTECT", "on purpose");
  memory.arm({ ...fault, error });
  const outcome = await settle(() => script(secret, secrets));
  const failed = memory.calls[fault.at] ?? "nothing";
  memory.arm();
  if (failed !== "nothing") expect(String(outcome)).toContain("on purpose");

  expect(memory.violations).toEqual([]);
  isTruthful(secret.state, first);
  const made = memory.regions.slice(memory.regions.indexOf(first) + 1);
  for (const region of made) isTruthful(null, region);

  secrets.purge();
  secret.destroy();
  expect([secret.state, secrets.stats.live, memory.violations]).toEqual(["destroyed", 0, []]);
  for (const region of [first, ...made]) {
    expect([region.zero, region.live]).toEqual([true, null]);
    // What was wiped and could not be given back is lost, never given back twice or dirty.
    const lost = failed === "release" || region.steps.at(-1) !== "release";
    if (!lost) expect(region.released).toBe(1);
  }
  return failed;
}

describe("when a call of the memory fails", () => {
  for (const [name, script] of Object.entries(SCRIPTS)) {
    for (const [when, lasting] of WAYS) {
      const how = `${lasting ? "from then on" : "once"} ${when} its work`;
      it(`${name} leaves a truthful state, whichever call failed ${how}`, async () => {
        const failed: string[] = [];
        for (let at = 0; at < 100; at++) {
          const call = await failAt(script, { at, when, lasting });
          if (call === "nothing") break;
          failed.push(call);
        }
        expect(failed.length).toBeGreaterThan(3);
        expect(failed.length).toBeLessThan(100);
      });
    }
  }

  it("a closing that failed is tried again before the next scope", () => {
    const memory = new FakeMemory();
    const secret = openSecrets({ memory }).allocate(8);
    const error = new LetheError("ERR_LETHE_PROTECT", "on purpose");
    memory.arm({ at: 3, when: "before", error });
    expect(thrown(() => secret.expose(() => undefined))).toEqual(error);
    expect([secret.state, memory.last.protection]).toEqual(["exposed", "read-only"]);
    secret.modify((bytes) => bytes.fill(1));
    expect([secret.state, memory.last.protection]).toEqual(["guarded", "no-access"]);
  });

  it("a secret whose destruction failed half way is never lent again", () => {
    for (const at of [0, 1, 2, 3]) {
      const memory = new FakeMemory();
      const secret = openSecrets({ memory }).move(sample(8));
      memory.arm({ at, when: "after", error: new LetheError("ERR_LETHE_PROTECT", "on purpose") });
      expect(thrown(() => secret.destroy()).message).toBe("on purpose");
      expect([secret.state, memory.last.released]).toEqual(["guarded", 0]);
      for (const event of ["expose", "modify"] as const) {
        const refused = thrown(() => secret[event](() => undefined));
        expect(refused.code).toBe("ERR_LETHE_DESTROYED");
        expect(refused.message).toContain("destroy it again");
      }
      secret.destroy();
      expect([secret.state, memory.last.released]).toEqual(["destroyed", 1]);
    }
  });

  it("a secret that can be neither wiped nor closed does not say that it is guarded", () => {
    const memory = new FakeMemory();
    const secret = openSecrets({ memory }).move(sample(8));
    const { last } = memory;
    const refuse = (): never => {
      throw new LetheError("ERR_LETHE_PROTECT", "on purpose");
    };
    Object.assign(last, { wipe: refuse, detach: refuse });
    expect(thrown(() => secret.destroy()).code).toBe("ERR_LETHE_PROTECT");
    expect([secret.state, last.protection, last.zero]).toEqual(["modifying", "read-write", false]);
    Reflect.deleteProperty(last, "wipe");
    Reflect.deleteProperty(last, "detach");
    secret.destroy();
    expect([secret.state, last.zero, last.released]).toEqual(["destroyed", true, 1]);
  });

  it("a damaged canary is told after the secret was wiped, released and counted out", () => {
    const memory = new FakeMemory();
    const secrets = openSecrets({ memory });
    const secret = secrets.move(sample(8));
    memory.arm({ at: 4, when: "after", error: new LetheError("ERR_LETHE_CANARY", "damaged") });
    expect(thrown(() => secret.destroy()).code).toBe("ERR_LETHE_CANARY");
    expect([secret.state, memory.last.released, secrets.stats.live]).toEqual(["destroyed", 1, 0]);
    secret.destroy();
    expect(memory.violations).toEqual([]);
  });

  it("an error that is not Lethe's comes through as it is", () => {
    const memory = new FakeMemory();
    const secret = openSecrets({ memory }).allocate(8);
    const error = new RangeError("of the adapter");
    memory.arm({ at: 0, when: "before", error });
    expect(thrown(() => secret.expose(() => undefined))).toBe(error);
    memory.arm({ at: 0, when: "before", error });
    expect(thrown(() => secret.destroy())).toBe(error);
    memory.arm();
    secret.destroy();
  });
});
