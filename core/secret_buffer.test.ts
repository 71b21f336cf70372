import { describe, expect, it } from "vitest";
import { openSecrets } from "../memories/heap/mod.ts";
import { FakeMemory } from "../testing/core/fake_memory.ts";
import { defer, holds, SIZES, sample, thrown } from "../testing/core/samples.ts";
import { LetheError } from "./contract/errors.ts";
import type { SecretBuffer } from "./contract/secret_buffer.ts";
import { isSecretBuffer } from "./held_secret.ts";

const secrets = openSecrets();

describe("the view of a scope", () => {
  const ends: Readonly<
    Record<string, (secret: SecretBuffer, keep: (view: Uint8Array) => void) => unknown>
  > = {
    returns: (secret, keep) => secret.expose(keep),
    "returns the view itself": (secret, keep) => keep(secret.expose((bytes) => bytes)),
    throws: (secret, keep) =>
      thrown(() =>
        secret.expose((bytes) => {
          keep(bytes);
          throw new Error("on purpose");
        }),
      ),
    resolves: (secret, keep) => secret.expose(async (bytes) => keep(bytes)),
    rejects: (secret, keep) =>
      secret
        .expose(async (bytes) => {
          keep(bytes);
          await Promise.reject(new Error("on purpose"));
        })
        .catch(() => undefined),
    modifies: (secret, keep) => secret.modify(keep),
    "modifies async": (secret, keep) => secret.modify(async (bytes) => keep(bytes)),
  };
  for (const [name, run] of Object.entries(ends)) {
    it(`is empty, and the secret guarded, once use ${name}`, async () => {
      for (const size of SIZES) {
        const secret = secrets.move(sample(size));
        let kept: Uint8Array | null = null;
        await run(secret, (view) => {
          kept = view;
        });
        const escaped = kept as Uint8Array | null;
        expect([escaped?.byteLength, escaped?.buffer.byteLength]).toEqual([0, 0]);
        expect(secret.state).toBe("guarded");
        expect(holds(secret, sample(size))).toBe(true);
        secret.destroy();
      }
    });
  }

  it("stays readable until the promise settles, and the caller continues after it closed", async () => {
    const secret = secrets.move(sample(8));
    const wait = defer();
    let kept: Uint8Array | undefined;
    const pending = secret.expose(async (bytes) => {
      kept = bytes;
      await wait.promise;
      return bytes.length;
    });
    expect([secret.state, kept?.length]).toEqual(["exposed", 8]);
    wait.resolve();
    expect(await pending).toBe(8);
    expect([secret.state, kept?.length]).toEqual(["guarded", 0]);
    secret.destroy();
  });

  it("is shared by overlapping exposes and detached with the last of them", async () => {
    const secret = secrets.move(sample(8));
    const wait = defer();
    let outer: Uint8Array | undefined;
    const pending = secret.expose(async (bytes) => {
      outer = bytes;
      await wait.promise;
    });
    secret.expose((bytes) => expect(bytes).toBe(outer));
    expect([secret.state, outer?.length]).toEqual(["exposed", 8]);
    wait.resolve();
    await pending;
    expect([secret.state, outer?.length]).toEqual(["guarded", 0]);
    secret.destroy();
  });
});

describe("destroy inside a scope", () => {
  it("wipes and detaches at once and lets nothing else in", async () => {
    for (const event of ["expose", "modify"] as const) {
      const memory = new FakeMemory();
      const secret = openSecrets({ memory }).move(sample(8));
      const wait = defer();
      const pending = secret[event](async (bytes) => {
        secret.destroy();
        expect([bytes.length, secret.state, memory.last.zero]).toEqual([0, "destroyed", true]);
        expect(thrown(() => secret.expose(() => undefined)).code).toBe("ERR_LETHE_DESTROYED");
        await wait.promise;
        return "done";
      });
      expect(memory.last.released).toBe(0);
      wait.resolve();
      expect(await pending).toBe("done");
      expect([memory.last.released, memory.violations]).toEqual([1, []]);
    }
  });

  it("leaves the judgement of a wipe that native code overtakes to the end of the scope", async () => {
    const memory = new FakeMemory();
    const own = openSecrets({ memory });
    const secret = own.move(sample(8));
    const wait = defer();
    const pending = secret.modify(() => wait.promise);
    memory.arm({ at: 1, when: "before", error: new LetheError("ERR_LETHE_WIPE", "overtaken") });
    secret.destroy();
    expect([secret.state, memory.last.released]).toEqual(["destroyed", 0]);
    wait.resolve();
    await pending;
    expect([memory.last.zero, memory.last.released, memory.last.protection]).toEqual([
      true,
      1,
      "no-access",
    ]);
  });

  it("keeps the error of use", () => {
    const secret = secrets.random(8);
    const failing = (): never => {
      secret.destroy();
      throw new Error("of the program");
    };
    expect(() => secret.expose(failing)).toThrow("of the program");
    expect(secret.state).toBe("destroyed");
  });

  it("by a purge reaches every open scope", () => {
    const own = openSecrets();
    const [one, other] = [own.random(8), own.random(8)];
    one.expose((left) =>
      other.modify((right) => {
        own.purge();
        expect([left.length, right.length]).toEqual([0, 0]);
      }),
    );
    expect([one.state, other.state]).toEqual(["destroyed", "destroyed"]);
  });
});

describe("derived secrets", () => {
  it("clone and slice are copies with a life of their own, and not frozen", () => {
    for (const size of SIZES) {
      const secret = secrets.move(sample(size)).freeze();
      const clone = secret.clone();
      const slice = secret.slice(Math.floor(size / 2));
      expect([clone.frozen, slice.frozen, secret.equals(clone)]).toEqual([false, false, true]);
      secret.destroy();
      expect(holds(clone, sample(size))).toBe(true);
      expect(holds(slice, sample(size).slice(Math.floor(size / 2)))).toBe(true);
      clone.modify((bytes) => bytes.fill(0));
      for (const derived of [clone, slice]) derived.destroy();
    }
  });

  it("slice takes the bytes from its start up to its end", () => {
    const secret = secrets.move(sample(10));
    const slices = [secret.slice(2, 5), secret.slice(9), secret.slice(0, 1)];
    expect(slices.map((slice) => slice.expose((bytes) => [...bytes]))).toEqual([
      [...sample(10).subarray(2, 5)],
      [...sample(10).subarray(9)],
      [...sample(10).subarray(0, 1)],
    ]);
    for (const each of [secret, ...slices]) each.destroy();
  });

  it("slice refuses what is not a range inside the secret", () => {
    const secret = secrets.allocate(8);
    for (const [start, end] of [
      [-1, 4],
      [4, 4],
      [5, 4],
      [0, 9],
      [0.5, 2],
      [Number.NaN, 2],
      [0, 2.5],
    ]) {
      const error = thrown(() => secret.slice(start, end));
      expect(error).toBeInstanceOf(RangeError);
      expect(error.message).toMatch(/^Cannot slice secret as start and end must be integers/);
    }
    expect(secret.state).toBe("guarded");
    secret.destroy();
  });

  it("equals compares content and length, with a secret, bytes, or itself", () => {
    for (const size of SIZES) {
      const secret = secrets.move(sample(size));
      const other = sample(size);
      expect(secret.equals(other)).toBe(true);
      expect(secret.equals(secret)).toBe(true);
      for (const index of [0, size - 1, size >> 1]) {
        other[index] = (other[index] as number) ^ 128;
        expect(secret.equals(other)).toBe(false);
        other[index] = (other[index] as number) ^ 128;
      }
      expect(secret.equals(sample(size + 1))).toBe(false);
      secret.destroy();
    }
  });

  it("only a secret of Lethe is one", () => {
    const secret = secrets.allocate(1);
    expect(isSecretBuffer(secret)).toBe(true);
    for (const fake of [new Proxy(secret, {}), Object.create(secret), { ...secret }, null, 1]) {
      expect(isSecretBuffer(fake)).toBe(false);
    }
    secret.destroy();
    expect(isSecretBuffer(secret)).toBe(true);
  });
});

describe("a secret as an object", () => {
  it("opens no scope for what is not a function", () => {
    const secret = secrets.allocate(1);
    for (const event of ["expose", "modify"] as const) {
      const error = thrown(() => secret[event](5 as never));
      expect(error.message).toBe(
        `Cannot ${event} secret as use must be a function: current value is a number`,
      );
      expect(secret.state).toBe("guarded");
    }
    secret.destroy();
  });

  it("is destroyed by using", () => {
    const secret = secrets.allocate(1);
    secret[Symbol.dispose]();
    expect(secret.state).toBe("destroyed");
  });

  it("shows its length and state, and refuses to be taken for bytes", () => {
    const [one, two] = [secrets.allocate(1), secrets.allocate(2)];
    two.destroy();
    expect([`${one}`, `${two}`]).toEqual([
      "SecretBuffer(1 byte, guarded, redacted)",
      "SecretBuffer(2 bytes, destroyed, redacted)",
    ]);
    expect(() => one.valueOf()).toThrow(/^Cannot make bytes of secret as .*secret\.expose/);
    expect(thrown(() => openSecrets(one as never)).message).toMatch(/ is a SecretBuffer$/);
    one.destroy();
  });
});
