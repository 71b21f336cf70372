import { spawnSync } from "node:child_process";
import process from "node:process";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { openKernelKeyring } from "../../adapters/node/keyrings.ts";
import { openSecrets } from "../../adapters/node/mod.ts";
import { runSourceConformance } from "../../conformance/mod.ts";
import type { SecretBuffer } from "../../core/mod.ts";
import { thrown } from "../../testing/core/samples.ts";
import { landingOf } from "../sources/mod.ts";

/** keyctl(1) of keyutils, or why there is none. */
const KEYCTL = spawnSync("keyctl", ["--version"]).status === 0;
const secrets = openSecrets();
const context = { land: landingOf(secrets) };
/** Of this process alone: nothing is left when it ends. */
const keyring = openKernelKeyring({ keyring: "process" });
const NAME = "lethe test";
const works = process.platform === "linux" && canAdd();

function canAdd(): boolean {
  const secret = secrets.random(8);
  try {
    keyring.add(NAME, secret);
    return true;
  } catch {
    return false; // a container without keyrings
  } finally {
    secret.destroy();
  }
}

const pattern = (byteLength: number, first = 0): SecretBuffer =>
  secrets.land(byteLength, (page) => {
    for (let at = 0; at < byteLength; at++) page[at] = (first + at) & 0xff;
  });
const rejection = async (work: Promise<unknown>): Promise<string | undefined> =>
  await work.then(
    () => undefined,
    (error) => error.code ?? error.name,
  );

afterEach(() => expect(secrets.stats.live).toBe(0));
afterAll(() => {
  if (works) keyring.revoke(NAME);
});

describe.skipIf(!works)(
  `the kernel's keyrings${works ? "" : " (NOT RUN: there are none here)"}`,
  () => {
    it("give back the bytes that went in, of any value and length", async () => {
      for (const byteLength of [1, 15, 16, 31, 256, 4095, 4096, 4097, 32_767]) {
        const secret = pattern(byteLength);
        keyring.add(NAME, secret);
        const record = await keyring.read(NAME, context);
        expect(record.field().equals(secret)).toBe(true);
        expect(record.fields.size).toBe(1);
        record.destroy();
        secret.destroy();
      }
      const long = secrets.random(32_768);
      expect(() => keyring.add(NAME, long)).toThrow("must have at most 32767 bytes");
      long.destroy();
    });

    it("give a version that tells nothing, and another one at each read", async () => {
      const secret = pattern(32);
      keyring.add(NAME, secret);
      secret.destroy();
      const [first, second] = [
        await keyring.read(NAME, context),
        await keyring.read(NAME, context),
      ];
      expect(first.version).toMatch(/^\d+\.[0-9a-f]{16}$/);
      expect(second.version).not.toBe(first.version);
      expect(second.version.split(".")[0]).toBe(first.version.split(".")[0]);
      for (const record of [first, second]) record.destroy();
    });

    it("say whether a key is missing, revoked or expired", async () => {
      expect(await rejection(keyring.read("lethe nothing", context))).toBe(
        "ERR_LETHE_SOURCE_MISSING",
      );
      expect(thrown(() => keyring.revoke("lethe nothing")).code).toBe("ERR_LETHE_SOURCE_MISSING");
      const secret = pattern(8);
      keyring.add(NAME, secret);
      keyring.revoke(NAME);
      await expect(keyring.read(NAME, context)).rejects.toThrow(/revoked.*EKEYREVOKED/);
      keyring.add(NAME, secret, { seconds: 1 });
      secret.destroy();
      (await keyring.read(NAME, context)).destroy();
      await expect
        .poll(() => rejection(keyring.read(NAME, context).then((record) => record.destroy())), {
          timeout: 5000,
        })
        .toBe("ERR_LETHE_SOURCE_EXPIRED");
    });

    it("refuse what is not a reference and no secret, and a signal that was aborted", async () => {
      for (const wrong of ["", "a\0b", "\ud800", "x".repeat(4096), 7, null]) {
        expect(await rejection(keyring.read(wrong as string, context))).toBe("TypeError");
      }
      expect(() => keyring.add(NAME, new Uint8Array(8) as never)).toThrow(TypeError);
      for (const seconds of [0, -1, 1.5, 2 ** 32, Number.NaN]) {
        expect(() => keyring.expire(NAME, seconds)).toThrow(RangeError);
      }
      expect(() => openKernelKeyring({ keyring: "constructor" as never })).toThrow(TypeError);
      expect(() => openKernelKeyring({ type: "logon" as never })).toThrow(TypeError);
      const signal = AbortSignal.abort(new Error("over"));
      await expect(keyring.read(NAME, { ...context, signal })).rejects.toThrow("over");
    });

    it("give one of the two whole while another replaces it, and many at once", async () => {
      const [short, long] = [pattern(20, 1), pattern(300, 2)];
      keyring.add(NAME, short);
      for (let round = 0; round < 50; round++) {
        const reads = Array.from({ length: 16 }, () => keyring.read(NAME, context));
        keyring.add(NAME, round % 2 === 0 ? long : short);
        for (const record of await Promise.all(reads)) {
          expect(record.field().equals(record.field().byteLength === 20 ? short : long)).toBe(true);
          record.destroy();
        }
      }
      short.destroy();
      long.destroy();
    });

    it("read again what grew or went between two calls", async () => {
      const [short, long] = [pattern(20, 1), pattern(300, 2)];
      keyring.add(NAME, short);
      let changes = 0;
      const land: typeof context.land = (byteLength, fill) => {
        if (changes++ < 3) keyring.add(NAME, changes % 2 === 1 ? long : short); // behind its back
        return context.land(byteLength, fill);
      };
      const record = await keyring.read(NAME, { land });
      expect(record.field().equals(record.field().byteLength === 20 ? short : long)).toBe(true);
      record.destroy();
      let length = 0;
      const never = keyring.read(NAME, {
        land(byteLength, fill) {
          keyring.add(NAME, byteLength === 20 ? long : short);
          length = byteLength;
          return context.land(byteLength, fill);
        },
      });
      expect(await rejection(never)).toBe("ERR_LETHE_SOURCE_DENIED"); // what the kernel says in the end
      expect(length).toBeGreaterThan(0);
      short.destroy();
      long.destroy();
    });
  },
);

describe.skipIf(!works)("the suite for sources", () => {
  let number = 0;
  const put = (content: Uint8Array): string => {
    const name = `lethe suite ${++number}`;
    if (content.length > 0) write(name, content); // the kernel has no empty keys
    return name;
  };
  const write = (name: string, content: Uint8Array): void => {
    const secret = secrets.land(content.length, (page) => page.set(content));
    try {
      keyring.add(name, secret, { seconds: 60 });
    } finally {
      secret.destroy();
    }
  };

  it("finds nothing in the kernel's keyring", async () => {
    const { results, failed } = await runSourceConformance({
      source: () => keyring,
      mostBytes: 5000, // of the quota of an ordinary user
      put,
      change: write,
      missing: () => "lethe suite none",
    });
    expect(results.filter(({ outcome }) => outcome === "failed")).toEqual([]);
    expect(failed).toEqual([]);
  });
});

describe.skipIf(!works || !KEYCTL)(
  `beside keyctl(1)${KEYCTL ? "" : " (NOT RUN: not installed)"}`,
  () => {
    /** In the keyring of the user, which programs share. */
    const shared = openKernelKeyring({ keyring: "user" });
    const name = `lethe test ${process.pid}`;
    const run = (...words: readonly string[]): ReturnType<typeof spawnSync> =>
      spawnSync("keyctl", words);
    const number = (): string => run("search", "@u", "user", name).stdout.toString().trim();

    afterAll(() => void run("unlink", number(), "@u"));

    it("reads what keyctl added and wrote over, and keyctl reads what this added", async () => {
      expect(run("add", "user", name, "from keyctl", "@u").status).toBe(0);
      const first = await shared.read(name, context);
      first.field().expose((bytes) => expect(Buffer.from(bytes).toString()).toBe("from keyctl"));
      expect(run("update", number(), "another, by keyctl").status).toBe(0);
      const second = await shared.read(name, context);
      second.field().expose((bytes) => expect(bytes.length).toBe(18));
      expect(second.version).not.toBe(first.version); // of the same key
      const secret = pattern(64);
      shared.add(name, secret);
      expect(run("print", number()).stdout.toString().trim()).toBe(
        `:hex:${Buffer.from(Array.from({ length: 64 }, (_, at) => at)).toString("hex")}`,
      );
      for (const each of [first, second, secret]) each.destroy();
    });

    it("says that a permission is missing, and what gives it", async () => {
      expect(run("add", "user", name, "closed", "@u").status).toBe(0);
      expect(run("setperm", number(), "0x01000000").status).toBe(0); // it can be seen
      await expect(shared.read(name, context)).rejects.toThrow(/EACCES/);
      expect(await rejection(shared.read(name, context))).toBe("ERR_LETHE_SOURCE_DENIED");
    });
  },
);
