import { readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { runtime } from "../../adapters/node/mod.ts";
import { secretsOpener } from "../../core/open_secrets.ts";
import { interferedCalls } from "../../testing/features/key_files/faulty_calls.ts";
import {
  codeOf,
  content,
  directory,
  open,
  path,
  phrase,
  secrets,
  useScene,
} from "../../testing/features/key_files/scene.ts";
import { keyFilesOpener, nodeCalls } from "./mod.ts";

useScene();

describe("a plain key file", () => {
  it.each([1, 16, 32, 33, 64, 4096, 65_536])("holds the %i bytes and nothing else", (length) => {
    const keys = open();
    const made = keys.createAndRead(path(), length);
    expect(made).toMatchObject({ byteLength: length, frozen: true });
    expect(content(made)).toBe(readFileSync(path()).toString("base64"));
    const read = keys.read(path(), length);
    expect([read.frozen, read.equals(made)]).toEqual([true, true]);
  });

  it.skipIf(process.platform === "win32").each([0o000, 0o022, 0o077, 0o777])(
    "has mode 0400 under umask %o",
    (mask) => {
      const before = process.umask(mask);
      try {
        open().create(path(), 32);
      } finally {
        process.umask(before);
      }
      expect(statSync(path()).mode & 0o7777).toBe(0o400);
    },
  );

  it("is never made over another one", () => {
    const key = open().createAndRead(path(), 32);
    expect(codeOf(() => open().create(path(), 32))).toBe("ERR_LETHE_KEY_EXISTS");
    expect(open().read(path(), 32).equals(key)).toBe(true);
    expect(readdirSync(directory)).toEqual(["key"]);
  });

  it("is written, synced, named and synced again, in this order", () => {
    const names: string[] = [];
    const calls = interferedCalls((name, _, make) => {
      names.push(name);
      return make();
    });
    const keys = keyFilesOpener(runtime, () => calls)(secrets, { onMisuse: "throw" });
    keys.create(path("first"), 32); // tries the lock on a file of its own
    names.length = 0;
    keys.create(path(), 32);
    expect(names.filter((name) => !["stat", "statName", "close", "list"].includes(name))).toEqual(
      "openDirectory openLock lock createFile write sync link unlink sync unlink".split(" "),
    );
  });
});

describe("key pairs", () => {
  it("are the ones that node:crypto derives of the bytes in the file", async () => {
    const { createPrivateKey, createPublicKey } = await import("node:crypto");
    for (const [type, id] of [
      ["ed25519", 0x70],
      ["x25519", 0x6e],
    ] as const) {
      const pair = open().createAndRead(path(type), type);
      const der = Buffer.concat([
        Buffer.from(`302e020100300506032b65${id.toString(16)}04220420`, "hex"),
        readFileSync(path(type)),
      ]);
      const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
      const { x } = createPublicKey(key).export({ format: "jwk" });
      expect(Buffer.from(pair.publicKey).toString("base64url")).toBe(x);
      const read = open().read(path(type), type);
      expect(read.publicKey).toEqual(pair.publicKey);
      expect(read.secretKey.equals(pair.secretKey)).toBe(true);
      expect(read.secretKey).toMatchObject({
        frozen: true,
        byteLength: type === "ed25519" ? 64 : 32,
      });
      expect(content(read.secretKey, 32)).toBe(readFileSync(path(type)).toString("base64"));
    }
  });

  it("are refused before anything is written where no engine can make them", () => {
    const without = secretsOpener({ ...runtime, engines: [] })({ memory: "heap" });
    const keys = keyFilesOpener(runtime, nodeCalls)(without, { onMisuse: "throw" });
    expect(codeOf(() => keys.create(path(), "ed25519"))).toBe("ERR_LETHE_UNAVAILABLE");
    expect(codeOf(() => keys.create(path(), 32, { passphrase: phrase() }))).toBe(
      "ERR_LETHE_UNAVAILABLE",
    );
    expect(readdirSync(directory)).toEqual([]);
    expect(keys.createAndRead(path(), 32).byteLength).toBe(32);
  });
});

describe("destroy", () => {
  it("takes a key, a pair, a rotation, a list, and objects of them", () => {
    const keys = open();
    const pair = keys.createAndRead(path("pair"), "x25519");
    const all = {
      pair,
      more: [keys.createAndRead(path("a"), 16), { deep: keys.createAndRead(path("b"), 16) }],
    };
    keys.destroy(all);
    keys.destroy(keys.rotate(path("a"), 16));
    expect(secrets.stats.live).toBe(0);
    expect(pair.secretKey.state).toBe("destroyed");
  });

  it("destroys all of them although one fails, and refuses what holds none", () => {
    const keys = open();
    const [first, second] = [keys.createAndRead(path("a"), 16), keys.createAndRead(path("b"), 16)];
    Object.defineProperty(first, "destroy", {
      value: () => {
        throw new Error("no");
      },
    });
    expect(() => keys.destroy([first, second])).toThrow("no");
    expect(second.state).toBe("destroyed");
    for (const none of [{}, [], new Uint8Array(4), null, 7, { publicKey: "x" }]) {
      expect(() => keys.destroy(none as object)).toThrow(TypeError);
    }
  });

  it("comes with the disposal of a pair and a rotation, and with a purge of the secrets", () => {
    const keys = open();
    keys.createAndRead(path("pair"), "ed25519")[Symbol.dispose]();
    keys.rotate(path("pair"), "ed25519")[Symbol.dispose]();
    expect(secrets.stats.live).toBe(0);
    const key = keys.read(path("pair"), 32);
    expect(secrets.stats.live).toBe(1);
    secrets.purge();
    expect(key.state).toBe("destroyed");
  });
});

describe("rotate", () => {
  it("gives both keys, and leaves the new one alone", () => {
    const keys = open();
    const old = keys.createAndRead(path(), 32);
    const { previous, current } = keys.rotate(path(), 32);
    expect(previous.equals(old)).toBe(true);
    expect(current.equals(old)).toBe(false);
    expect(keys.read(path(), 32).equals(current)).toBe(true);
    expect(readdirSync(directory)).toEqual(["key"]);
  });

  it("keeps the old file when it is asked to, and does not begin again before it is gone", () => {
    const keys = open();
    const old = keys.createAndRead(path(), 32);
    keys.rotate(path(), 32, { keepPrevious: true });
    expect(readdirSync(directory).sort()).toEqual(["key", "key.previous"]);
    expect(keys.read(path("key.previous"), 32).equals(old)).toBe(true);
    const current = keys.read(path(), 32);
    expect(codeOf(() => keys.rotate(path(), 32))).toBe("ERR_LETHE_KEY_EXISTS");
    expect(keys.read(path(), 32).equals(current)).toBe(true);
    keys.remove(path("key.previous"));
    keys.rotate(path(), 32);
    expect(readdirSync(directory)).toEqual(["key"]);
  });

  it("of two at once one waits, and then is refused", () => {
    open().create(path(), 32);
    const inner: unknown[] = [];
    const calls = interferedCalls((name, _, make) => {
      if (name === "rename") {
        for (const change of [
          () => open({ wait: 20 }).rotate(path(), 32),
          () => open({ wait: 0 }).remove(path()),
          () => open({ wait: 0 }).createAndRead(path("other"), 32),
        ]) {
          inner.push(codeOf(change));
        }
      }
      return make();
    });
    const { current } = keyFilesOpener(runtime, () => calls)(secrets).rotate(path(), 32);
    expect(inner).toEqual(Array.from({ length: 3 }, () => "ERR_LETHE_KEY_BUSY"));
    expect(open().read(path(), 32).equals(current)).toBe(true);
    expect(readdirSync(directory)).toEqual(["key"]);
  });

  it("keeps a sealed key sealed, and its type", () => {
    const keys = open();
    const passphrase = phrase();
    keys.create(path(), "x25519", { passphrase });
    const { current } = keys.rotate(path(), "x25519", { passphrase });
    expect(keys.inspect(path())).toMatchObject({ form: "sealed", type: "x25519", keyBytes: 32 });
    expect(keys.read(path(), "x25519", { passphrase }).publicKey).toEqual(current.publicKey);
  });
});

describe("remove and inspect", () => {
  it("removes files of any mode, and refuses one that has another name", async () => {
    const { chmodSync, linkSync } = await import("node:fs");
    const keys = open();
    keys.create(path(), 32);
    linkSync(path(), path("other"));
    expect(keys.inspect(path()).names).toBe(2);
    expect(codeOf(() => keys.remove(path()))).toBe("ERR_LETHE_KEY_LINKED");
    rmSync(path("other"));
    chmodSync(path(), 0o444);
    keys.remove(path());
    expect(readdirSync(directory)).toEqual([]);
    expect(codeOf(() => keys.remove(path()))).toBe("ERR_LETHE_KEY_MISSING");
  });

  it("tells what a file is and leaves no secret", () => {
    const keys = open();
    keys.create(path(), 200);
    expect(keys.inspect(path())).toEqual({
      form: "plain",
      keyBytes: 200,
      mode: "0400",
      names: 1,
      access: "checked",
      trust: "strict",
      leftovers: [],
    });
    secrets.purge();
    keys.inspect(path());
    expect(secrets.stats.live).toBe(0);
  });
});
