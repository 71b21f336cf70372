import { inspect } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { LetheError } from "../../core/contract/errors.ts";
import { assertNoSecrets } from "../../core/registry.ts";
import { ascii, read, sample, thrown } from "../../testing/core/samples.ts";
import { sealing, useScene } from "../../testing/features/enclave/scene.ts";
import { isEnclave } from "./enclave.ts";
import { openEnclaves } from "./open_enclaves.ts";

useScene();

describe("the end of an enclave", () => {
  it("is for ever, for every method, and its slot goes to others", () => {
    const { secrets, engine } = sealing();
    const enclave = openEnclaves(secrets).seal(secrets.move(sample(32)));
    enclave.destroy();
    enclave.destroy();
    expect([...(engine.slots[0] as Uint8Array)].every((byte) => byte === 0)).toBe(true);
    const next = openEnclaves(secrets).seal(secrets.move(sample(32, 5)));
    expect(engine.slots[1]?.byteOffset).toBe(engine.slots[0]?.byteOffset);
    for (const use of [
      () => enclave.unseal(),
      () => enclave.expose(() => 0),
      () => enclave.clone(),
    ]) {
      expect(thrown(use).code).toBe("ERR_LETHE_DESTROYED");
    }
    expect([enclave.state, enclave.byteLength, next.state]).toEqual(["destroyed", 32, "sealed"]);
    expect(read(next.unseal())).toEqual(sample(32, 5));
  });

  it("comes for all by a purge, and secrets can be sealed again", () => {
    const { secrets, memory } = sealing();
    const enclave = openEnclaves(secrets).seal(secrets.move(sample(32)));
    const kept = memory.regions.length;
    secrets.purge();
    expect([enclave.state, secrets.stats.sealed]).toEqual(["destroyed", 0]);
    expect(
      memory.regions.slice(0, kept).every(({ zero, released }) => zero && released === 1),
    ).toBe(true);
    expect(thrown(() => enclave.unseal()).code).toBe("ERR_LETHE_DESTROYED");
    const next = openEnclaves(secrets).seal(secrets.move(sample(32, 2)));
    expect([enclave.state, read(next.unseal())]).toEqual(["destroyed", sample(32, 2)]);
  });

  it("under crash is misuse, and purges", () => {
    const { secrets } = sealing({ onMisuse: "crash" });
    const [gone, other] = [
      openEnclaves(secrets).seal(secrets.random(1)),
      openEnclaves(secrets).seal(secrets.random(1)),
    ];
    gone.destroy();
    expect(thrown(() => gone.unseal()).code).toBe("ERR_LETHE_DESTROYED");
    expect(other.state).toBe("destroyed");
  });

  it("by a purge reaches every open scope, also when one cannot be wiped", async () => {
    const { secrets, memory } = sealing();
    const enclave = openEnclaves(secrets).seal(secrets.move(sample(32)));
    const views: Uint8Array[] = [];
    const scopes = [1, 2, 3].map(() =>
      enclave.expose(async (bytes) => {
        views.push(bytes);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }),
    );
    const first = memory.regions.find(({ live }) => live === views[0]);
    const wipe = vi.fn(() => {
      throw new LetheError("ERR_LETHE_WIPE", "on purpose");
    });
    Object.assign(first as object, { wipe });
    expect(() => secrets.purge()).toThrow("on purpose");
    expect(views.map(({ length }) => length)).toEqual([0, 0, 0]);
    Reflect.deleteProperty(first as object, "wipe");
    await Promise.all(scopes);
    expect(memory.regions.filter(({ zero }) => !zero)).toEqual([]);
  });

  it("is awaited by assertNoSecrets", () => {
    const { secrets } = sealing();
    const enclave = openEnclaves(secrets).seal(secrets.random(1));
    expect(thrown(() => assertNoSecrets()).message).toContain("sealed in enclaves: 1");
    enclave.destroy();
    assertNoSecrets();
  });
});

describe("a dropped enclave", () => {
  it("is destroyed when it is collected", async () => {
    const { secrets, engine } = sealing();
    openEnclaves(secrets).seal(secrets.move(sample(32)));
    const kept = openEnclaves(secrets).seal(secrets.move(sample(32, 2)));
    for (let round = 0; round < 20 && secrets.stats.sealed > 1; round++) {
      globalThis.gc?.();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(secrets.stats.sealed).toBe(1);
    expect([...(engine.slots[0] as Uint8Array)].every((byte) => byte === 0)).toBe(true);
    expect(read(kept.unseal())).toEqual(sample(32, 2));
  });

  it("stays while an async scope of it is open", async () => {
    const { secrets } = sealing();
    const { promise, resolve } = Promise.withResolvers<void>();
    const scope = openEnclaves(secrets)
      .seal(secrets.move(sample(32)))
      .expose(async (bytes) => {
        await promise;
        return bytes.length;
      });
    for (let round = 0; round < 5; round++) {
      globalThis.gc?.();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    resolve();
    expect(await scope).toBe(32);
  });

  it("that was destroyed before does not take the next one in its slot with it", async () => {
    const { secrets } = sealing();
    openEnclaves(secrets).seal(secrets.random(32)).destroy();
    const next = openEnclaves(secrets).seal(secrets.move(sample(32)));
    for (let round = 0; round < 5; round++) {
      globalThis.gc?.();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(read(next.unseal())).toEqual(sample(32));
  });
});

describe("the object", () => {
  it("shows nothing in any form", () => {
    const { secrets } = sealing();
    const enclave = openEnclaves(secrets).seal(secrets.move(ascii("hunter2-hunter2")));
    const text = "Enclave(15 bytes, sealed, redacted)";
    expect([`${enclave}`, JSON.stringify({ enclave }), inspect(enclave)]).toEqual([
      text,
      JSON.stringify({ enclave: text }),
      text,
    ]);
    expect(Reflect.ownKeys(enclave)).toEqual([]);
    expect(Reflect.ownKeys(structuredClone(enclave))).toEqual([]);
  });

  it("is branded", () => {
    const { secrets } = sealing();
    const enclave = openEnclaves(secrets).seal(secrets.random(1));
    expect(isEnclave(enclave)).toBe(true);
    for (const wrong of [null, {}, Object.create(enclave), new Proxy(enclave, {})]) {
      expect(isEnclave(wrong)).toBe(false);
    }
    expect(() => Object.create(enclave).open()).toThrow(TypeError);
  });

  it("clones into an enclave of its own, and disposes", () => {
    const { secrets } = sealing();
    const enclave = openEnclaves(secrets).seal(secrets.move(sample(100)));
    const clone = enclave.clone();
    enclave[Symbol.dispose]();
    expect([enclave.state, read(clone.unseal())]).toEqual(["destroyed", sample(100)]);
  });
});
