import {
  chmodSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { openFileSource, openKeyFiles } from "../../adapters/node/mod.ts";
import { read } from "../../testing/core/samples.ts";
import { SourceStage } from "../../testing/features/sources/source_stage.ts";
import type { ReadSecretOptions } from "./types.ts";

const stage = new SourceStage();
const { secrets, land, folder, write, outcome } = stage;
afterAll(() => stage.remove());
afterEach(() => expect(secrets.stats.live).toBe(0));

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
