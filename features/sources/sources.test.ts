import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  landingOf,
  openDescriptorSource,
  openEnvironmentSource,
  openExecSource,
  openFileSource,
  openKeyFiles,
  openSecrets,
  readSecret,
} from "../../adapters/node/mod.ts";
import { read } from "../../testing/core/samples.ts";
import type { ReadSecretOptions } from "./types.ts";

const secrets = openSecrets({ memory: "heap" });
const land = landingOf(secrets);
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lethe-sources-"));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => expect(secrets.stats.live).toBe(0));

function write(name: string, content: string | Uint8Array, mode: number = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

/** What a read came to: the bytes as text, or the code. */
async function outcome(reference: string, options?: ReadSecretOptions): Promise<string> {
  try {
    const secret = await readSecret(secrets, reference, options);
    const text = Buffer.from(read(secret)).toString("latin1");
    secret.destroy();
    return text;
  } catch (error) {
    const { code, name, message } = error as Error & { code?: string };
    expect(message).toMatch(/^Cannot read (?:secret|field)/);
    return code ?? name;
  }
}

describe("a file", () => {
  it("loses one newline, or nothing, and no byte order mark without a word", async () => {
    const mark = "\u00ef\u00bb\u00bf";
    const table: readonly (readonly [string, ReadSecretOptions, string])[] = [
      ["a\n", {}, "a"],
      ["a\r\n", {}, "a"],
      ["a\n\n", {}, "a\n"],
      ["a\r", {}, "a\r"],
      [" a ", {}, " a "],
      ["\n", {}, "ERR_LETHE_SOURCE_EMPTY"],
      ["\r\n", {}, "ERR_LETHE_SOURCE_EMPTY"],
      ["", {}, "ERR_LETHE_SOURCE_EMPTY"],
      ["a\n", { newline: "keep" }, "a\n"],
      ["\n", { newline: "keep" }, "\n"],
      ["\u0000\u00ff\n", { newline: "keep" }, "\u0000\u00ff\n"],
      [`${mark}a\n`, {}, "ERR_LETHE_SOURCE_FORMAT"],
      [`${mark}a\n`, { byteOrderMark: "strip" }, "a"],
      [`${mark}a\n`, { byteOrderMark: "keep" }, `${mark}a`],
      [`${mark}a\n`, { newline: "keep" }, `${mark}a\n`],
      [`${mark}a\n`, { newline: "keep", byteOrderMark: "refuse" }, "ERR_LETHE_SOURCE_FORMAT"],
      [mark, { byteOrderMark: "strip" }, "ERR_LETHE_SOURCE_EMPTY"],
    ];
    for (const [content, options, expected] of table) {
      const path = write("text", Buffer.from(content, "latin1"));
      expect(await outcome(`file:${path}`, options), JSON.stringify([content, options])).toBe(
        expected,
      );
    }
  });

  it("is refused by the profile that is named, in the terms of a source", async () => {
    const open = write("open", "a", 0o644);
    symlinkSync(open, join(folder, "link"));
    expect(await outcome(`file:${open}`)).toBe("ERR_LETHE_SOURCE_UNTRUSTED");
    expect(await outcome(`file:${folder}/link`)).toBe("ERR_LETHE_SOURCE_UNTRUSTED");
    expect(await outcome(`file:${folder}`)).toBe("ERR_LETHE_SOURCE_UNTRUSTED");
    expect(await outcome(`file:${folder}/none`)).toBe("ERR_LETHE_SOURCE_MISSING");
    const group = write("group", "a", 0o440);
    expect(await outcome(`file:${group}`)).toBe("ERR_LETHE_SOURCE_UNTRUSTED");
    expect(await outcome(`file:${group}`, { trust: "kubernetes" })).toBe("a");
    expect(await outcome(`file:${open}`, { trust: "kubernetes" })).toBe(
      "ERR_LETHE_SOURCE_UNTRUSTED",
    );
  });

  it("of up to maxBytes is taken whole, and a longer one not at all", async () => {
    const path = write("long", new Uint8Array(5000).fill(97));
    expect((await outcome(`file:${path}`, { maxBytes: 5000 })).length).toBe(5000);
    expect(await outcome(`file:${path}`, { maxBytes: 4999 })).toBe("ERR_LETHE_SOURCE_TOO_LONG");
  });

  it("that is a sealed key file is not a secret", async () => {
    const path = join(folder, "sealed");
    const passphrase = secrets.random(16);
    const cost = { passes: 1, memoryBytes: 8 * 2 ** 20 };
    openKeyFiles(secrets, { onMisuse: "throw" }).create(path, 32, { passphrase, cost });
    passphrase.destroy();
    chmodSync(path, 0o600);
    expect(await outcome(`file:${path}`)).toBe("ERR_LETHE_SOURCE_FORMAT");
    rmSync(path);
  });

  it("has one version until it changes, and another one for each read while it just did", async () => {
    const path = write("version", "a");
    const source = openFileSource();
    const versions = async (): Promise<readonly string[]> => {
      const records = [await source.read(path, { land }), await source.read(path, { land })];
      for (const record of records) record.destroy();
      return records.map(({ version }) => version);
    };
    const [fresh, again] = await versions();
    expect(fresh).not.toBe(again);
    const { utimesSync } = await import("node:fs");
    utimesSync(path, 1e9, 1e9);
    const [old, still] = await versions();
    expect(old).toBe(still);
    utimesSync(path, 1e9 + 1, 1e9 + 1);
    expect((await versions())[0]).not.toBe(old);
  });
});

describe("a volume of Kubernetes", () => {
  /** As kubelet does it: a folder for each state, one link that is swapped, and a link for each file. */
  function fill(volume: string, state: string, user: string): void {
    mkdirSync(join(volume, state), { recursive: true, mode: 0o755 });
    for (const name of ["user", "password"]) {
      writeFileSync(join(volume, state, name), `${user} ${name}\n`, { mode: 0o400 });
      if (!existsSync(join(volume, name))) symlinkSync(`..data/${name}`, join(volume, name));
    }
    symlinkSync(state, join(volume, "..data_tmp"));
    renameSync(join(volume, "..data_tmp"), join(volume, "..data"));
  }

  it("is read whole: every field of one state, while kubelet swaps it under 16 readers", async () => {
    const volume = join(folder, "volume");
    fill(volume, "..1", "1");
    const source = openFileSource({ trust: "kubernetes", newline: "strip" });
    const seen = new Set<string>();
    for (let state = 2; state < 12; state++) {
      const reads = Array.from({ length: 16 }, async () => {
        const record = await source.read(`${volume}/`, { land });
        const texts = [...record.fields].map(
          ([name, secret]) => `${name}=${Buffer.from(read(secret))}`,
        );
        seen.add([record.version, ...texts.sort()].join(" "));
        record.destroy();
      });
      fill(volume, `..${state}`, `${state}`);
      await Promise.all(reads);
      rmSync(join(volume, `..${state - 1}`), { recursive: true });
    }
    expect(
      [...seen].every((text) => /^\.\.(\d+) password=\1 password user=\1 user$/.test(text)),
    ).toBe(true);
    expect(seen.size).toBeGreaterThan(5);
  });

  it("is one under that profile alone, and with its link", async () => {
    const volume = join(folder, "volume");
    expect(await outcome(`file:${volume}/`)).toBe("ERR_LETHE_SOURCE_UNTRUSTED");
    expect(await outcome(`file:${volume}/`, { trust: "kubernetes" })).toBe(
      "ERR_LETHE_SOURCE_MISSING", // it has no field "value"
    );
    expect(await outcome(`file:${folder}/`, { trust: "kubernetes" })).toBe(
      "ERR_LETHE_SOURCE_UNTRUSTED",
    );
    chmodSync(join(volume, "..11", "user"), 0o444);
    expect(await outcome(`file:${volume}/`, { trust: "kubernetes" })).toBe(
      "ERR_LETHE_SOURCE_UNTRUSTED",
    );
    expect(await outcome(`file:${volume}/password`, { trust: "kubernetes" })).toBe("11 password");
  });
});

describe("a program", () => {
  const shell = (text: string): string => `exec:${JSON.stringify(["/bin/sh", "-c", text])}`;

  it("gives what it prints, when it ends well", async () => {
    expect(await outcome("exec:/bin/echo a b")).toBe("a b");
    expect(await outcome(shell("printf '%s' 'a  b'"))).toBe("a  b");
    expect(await outcome(shell("echo a; exit 3"))).toBe("ERR_LETHE_SOURCE_FAILED");
    expect(await outcome(shell("echo a; kill -9 $$"))).toBe("ERR_LETHE_SOURCE_FAILED");
    expect(await outcome("exec:/bin/true")).toBe("ERR_LETHE_SOURCE_EMPTY");
    expect(await outcome(`exec:${folder}/none`)).toBe("ERR_LETHE_SOURCE_MISSING");
  });

  it("is ended with all that it started when it takes too long, or is given up", async () => {
    const slow = shell(`echo a; sleep 60.${process.pid} & sleep 61.${process.pid}`);
    expect(await outcome(slow, { timeout: 200 })).toBe("ERR_LETHE_SOURCE_TIMEOUT");
    const pending = readSecret(secrets, slow, { signal: AbortSignal.timeout(100) });
    await expect(pending).rejects.toThrow("timeout");
    const { readdirSync, readFileSync } = await import("node:fs");
    const running = (): readonly string[] =>
      readdirSync("/proc").filter((pid) => {
        try {
          const words = readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0");
          return words.includes(`60.${process.pid}`) || words.includes(`61.${process.pid}`);
        } catch {
          return false;
        }
      });
    await expect.poll(running).toEqual([]); // a process that was killed takes a moment to end
  });

  it("gets no variable of this process but the usual ones, and no PATH of its", async () => {
    process.env["LETHE_TEST_LEAK"] = "leaked";
    try {
      const lines = (await outcome("exec:/usr/bin/env")).split("\n");
      expect(lines.some((line) => line.startsWith("LETHE_TEST_LEAK"))).toBe(false);
      expect(lines.find((line) => line.startsWith("PATH="))).toMatch(/^PATH=\/usr\/local\/bin:/);
      const source = openExecSource({ environment: { CHOSEN: "1" }, newline: "strip" });
      const record = await source.read("/usr/bin/printenv CHOSEN", { land });
      expect([...read(record.field())]).toEqual([49]);
      record.destroy();
    } finally {
      delete process.env["LETHE_TEST_LEAK"];
    }
  });

  it("is started by an absolute path of a file that others cannot change, and by no shell", async () => {
    expect(await outcome("exec:echo a")).toBe("TypeError");
    expect(await outcome('exec:["/bin/echo", 1]')).toBe("TypeError");
    expect(await outcome("exec:[")).toBe("TypeError");
    expect(await outcome("exec:/bin/echo $HOME;id")).toBe("$HOME;id");
    const path = write("program", "#!/bin/sh\necho a\n", 0o755);
    expect(await outcome(`exec:${path}`)).toBe("a");
    chmodSync(path, 0o777);
    expect(await outcome(`exec:${path}`)).toBe("ERR_LETHE_SOURCE_UNTRUSTED");
    const unstartable = write("unstartable", "#!/there/is/none\n", 0o755);
    await expect(readSecret(secrets, `exec:${unstartable}`)).rejects.toThrow(
      /it did not start \(ENOENT\)/,
    );
  });

  it("says nothing of what was printed, nor of the parameters, when it fails", async () => {
    const failing = readSecret(secrets, shell("echo hunter2; echo hunter2 >&2; exit 1 # hunter3"));
    await expect(failing).rejects.toThrow(
      /^Cannot read secret from exec "\/bin\/sh": it ended with status 1; [^h]*/,
    );
    await expect(failing).rejects.not.toThrow(/hunter/);
  });
});

describe("a variable", () => {
  it("that the program has set since is the one that is taken, and only once", async () => {
    const name = "LETHE_TEST_SET";
    process.env[name] = "of the program\n";
    const source = openEnvironmentSource({ newline: "strip" });
    const record = await source.read(name, { land });
    expect(Buffer.from(read(record.field())).toString()).toBe("of the program");
    record.destroy();
    expect(name in process.env).toBe(false);
    expect(await outcome(`env:${name}`)).toBe("ERR_LETHE_SOURCE_MISSING");
    // process.env has the methods of every object.
    expect(await outcome("env:toString")).toBe("ERR_LETHE_SOURCE_MISSING");
    expect(source.residue.join()).toMatch(
      /read it before.*worker thread.*this program has set it/s,
    );
  });
});

describe("a descriptor", () => {
  it("is read to its end, once", async () => {
    const file = openSync(write("descriptor", "a\n"), "r");
    const source = openDescriptorSource({ newline: "strip" });
    const record = await source.read(`${file}`, { land });
    expect([...read(record.field())]).toEqual([97]);
    record.destroy();
    expect(await outcome(`fd:${file}`)).toBe("ERR_LETHE_SOURCE_EMPTY");
    closeSync(file);
    expect(await outcome("fd:999999")).toBe("ERR_LETHE_SOURCE_MISSING");
    expect(await outcome("fd:x")).toBe("TypeError");
  });
});

describe("a reference", () => {
  it("of another form is refused, and not quoted", async () => {
    for (const reference of ["hunter2", "file:", "FILE:/x", "http://hunter2", "", 1, null]) {
      const reading = readSecret(secrets, reference as string);
      await expect(reading).rejects.toThrow(TypeError);
      await expect(reading).rejects.not.toThrow(/hunter/);
    }
    await expect(readSecret(secrets, "env:X", { trust: "strict" })).rejects.toThrow(TypeError);
    await expect(readSecret(secrets, "env:X", { newLine: "keep" } as never)).rejects.toThrow(
      /no option newLine/,
    );
  });
});
