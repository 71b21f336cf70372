import { describe, expect, it, vi } from "vitest";
import { openSecrets } from "../../memories/heap/mod.ts";
import { FakeMemory } from "../../testing/core/fake_memory.ts";
import { defer, holds, read, SIZES, sample, thrown } from "../../testing/core/samples.ts";
import { opened, sealing, useScene } from "../../testing/features/enclave/scene.ts";
import { openEnclaves } from "./open_enclaves.ts";

useScene();

describe("sealing", () => {
  it.each(SIZES)("gives %d bytes back, and consumes the secret", (size) => {
    const { secrets, memory, engine } = sealing();
    const secret = secrets.move(sample(size));
    const enclave = openEnclaves(secrets).seal(secret);
    expect([secret.state, enclave.state, enclave.byteLength]).toEqual([
      "destroyed",
      "sealed",
      size,
    ]);
    const expected = sample(size);
    const slot = engine.slots[0] as Uint8Array;
    expect(size < 16 || expected.some((byte, index) => byte !== slot[index])).toBe(true);
    const back = enclave.unseal();
    expect(holds(back, expected)).toBe(true);
    expect(enclave.expose((bytes) => bytes.every((byte, i) => byte === expected[i]))).toBe(true);
    back.destroy();
    expect([enclave.state, secrets.stats.live, secrets.stats.sealed]).toEqual(["sealed", 0, 1]);
    expect(memory.violations).toEqual([]);
  });

  it("takes a frozen secret, and one that is exposed, whose views end", () => {
    const { secrets } = sealing();
    const secret = secrets.move(sample(32)).freeze();
    const { enclave, view } = secret.expose((bytes) => ({
      enclave: openEnclaves(secrets).seal(secret),
      view: bytes,
    }));
    expect([view.length, secret.state, read(enclave.unseal())]).toEqual([
      0,
      "destroyed",
      sample(32),
    ]);
  });

  it("refuses what it did not make, and leaves it as it was", () => {
    const { secrets } = sealing();
    const others = openSecrets({ memory: new FakeMemory() });
    const foreign = others.move(sample(8));
    for (const wrong of [
      null,
      "text",
      sample(8),
      {},
      foreign,
      openEnclaves(secrets).seal(secrets.random(1)),
    ]) {
      expect(() => openEnclaves(secrets).seal(wrong as never)).toThrow(TypeError);
    }
    expect(read(foreign)).toEqual(sample(8));
    foreign.destroy();
    expect(thrown(() => openEnclaves(secrets).seal(foreign)).name).toBe("TypeError");
  });

  it("leaves the secret as it was when it cannot be sealed", () => {
    const { secrets } = sealing();
    const secret = secrets.move(sample(8));
    secret.modify(() =>
      expect(thrown(() => openEnclaves(secrets).seal(secret)).code).toBe("ERR_LETHE_BUSY"),
    );
    expect(read(secret)).toEqual(sample(8));
    expect(secrets.stats.sealed).toBe(0);
    secret.destroy();
    expect(thrown(() => openEnclaves(secrets).seal(secret)).code).toBe("ERR_LETHE_DESTROYED");
  });

  it("puts every ciphertext under a nonce of its own", () => {
    const { secrets, engine } = sealing();
    for (let round = 0; round < 300; round++) {
      const enclave = openEnclaves(secrets).seal(secrets.move(sample(16)));
      if (round % 3 > 0) enclave.destroy(); // the slot is used again
    }
    expect(new Set(engine.nonces).size).toBe(300);
    expect(new Set(engine.keys).size).toBe(1);
  });
});

describe("an engine", () => {
  it("is opened at the first seal, once", () => {
    const open = vi.fn(() => sealing().engine);
    const runtime = { name: "test", memories: [], engines: [{ name: "noted", open }] };
    return import("../../core/open_secrets.ts").then(({ secretsOpener }) => {
      const secrets = secretsOpener(runtime)({ memory: new FakeMemory() });
      opened.push(secrets);
      expect(open).not.toHaveBeenCalled();
      openEnclaves(secrets).seal(secrets.random(1));
      openEnclaves(secrets).seal(secrets.random(1));
      expect(open).toHaveBeenCalledTimes(1);
    });
  });

  it("that is not there is an error with the remedy, and the secret stays", () => {
    const secrets = openSecrets({ memory: new FakeMemory() });
    const secret = secrets.move(sample(8));
    const error = thrown(() => openEnclaves(secrets).seal(secret));
    expect(error.code).toBe("ERR_LETHE_UNAVAILABLE");
    expect(error.message).toMatch(
      /Cannot seal: heap has no engine for it; pass one as the option engine: await openLibsodium/,
    );
    expect(read(secret)).toEqual(sample(8));
    secret.destroy();
    const named = openSecrets({ memory: new FakeMemory(), engine: "sodium" });
    const another = named.random(1);
    expect(thrown(() => openEnclaves(named).seal(another)).message).toContain('"sodium"');
    another.destroy();
  });

  it("must be one, and must have the cipher", () => {
    for (const wrong of [null, 7, {}]) {
      expect(() => openSecrets({ engine: wrong as never })).toThrow(TypeError);
    }
    const engine = { ...sealing().engine, operations: new Set<never>() };
    const secrets = openSecrets({ memory: new FakeMemory(), engine });
    const secret = secrets.random(1);
    expect(thrown(() => openEnclaves(secrets).seal(secret)).code).toBe("ERR_LETHE_UNAVAILABLE");
    secret.destroy();
  });
});

describe("scopes", () => {
  it("overlap, nested and async, of one enclave and of several, each with bytes of its own", async () => {
    const { secrets, memory } = sealing();
    const enclaves = [1, 2, 3].map((seed) =>
      openEnclaves(secrets).seal(secrets.move(sample(32, seed))),
    );
    const [first, second, third] = enclaves as [
      (typeof enclaves)[0],
      (typeof enclaves)[0],
      (typeof enclaves)[0],
    ];
    const gate = defer();
    const views: Uint8Array[] = [];
    const pending = [second, second, third].map((enclave) =>
      enclave.expose(async (bytes) => {
        views.push(bytes);
        await gate.promise;
        return bytes.slice();
      }),
    );
    first.expose((outer) => {
      first.expose((inner: Uint8Array) => {
        inner.fill(9);
        expect([...outer]).toEqual([...sample(32, 1)]);
      });
      expect([...outer]).toEqual([...sample(32, 1)]);
    });
    gate.resolve();
    expect(await Promise.all(pending)).toEqual([sample(32, 2), sample(32, 2), sample(32, 3)]);
    expect(views.map((view) => view.length)).toEqual([0, 0, 0]);
    expect(memory.regions.filter(({ zero }) => !zero).map(({ byteLength }) => byteLength)).toEqual([
      4160, // the halves of the session key
    ]);
    expect(
      memory.regions.every(({ protection, live }) => protection === "no-access" && !live),
    ).toBe(true);
    expect(memory.violations).toEqual([]);
  });

  it("end when use throws or rejects", async () => {
    const { secrets, memory } = sealing();
    const enclave = openEnclaves(secrets).seal(secrets.move(sample(32)));
    let seen: Uint8Array | undefined;
    const keep = (bytes: Uint8Array): never => {
      seen = bytes;
      throw new RangeError("mine");
    };
    expect(() => enclave.expose(keep)).toThrow("mine");
    expect(seen?.length).toBe(0);
    await expect(enclave.expose(async (bytes) => keep(bytes))).rejects.toThrow("mine");
    expect(seen?.length).toBe(0);
    expect(() => enclave.expose("no" as never)).toThrow(TypeError);
    expect(memory.regions.every(({ protection }) => protection === "no-access")).toBe(true);
  });

  it("lose their bytes when the enclave is destroyed, and when everything is purged", async () => {
    const { secrets, memory } = sealing();
    for (const end of ["destroy", "purge"] as const) {
      const enclave = openEnclaves(secrets).seal(secrets.move(sample(32)));
      const other = openEnclaves(secrets).seal(secrets.move(sample(32, 3)));
      const gate = defer();
      const lengths: number[] = [];
      const use = async (bytes: Uint8Array): Promise<void> => {
        await gate.promise;
        lengths.push(bytes.length);
      };
      const pending = [enclave.expose(use), other.expose(use)];
      if (end === "destroy") enclave.destroy();
      else secrets.purge();
      const zeros = memory.regions.filter(({ live }) => live === null).every(({ zero }) => zero);
      expect(zeros || end === "destroy").toBe(true);
      gate.resolve();
      await Promise.all(pending);
      expect(lengths).toEqual([0, end === "destroy" ? 32 : 0]);
    }
    expect(memory.violations).toEqual([]);
  });
});
