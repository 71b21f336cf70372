import { readdirSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  type KeyFiles,
  type KeyFilesOptions,
  openKeyFiles,
  openSecrets,
  runtime,
} from "../../adapters/node/mod.ts";
import { CHEAP } from "../../testing/features/key_files/entry.ts";
import {
  codeOf,
  directory,
  open,
  path,
  phrase,
  secrets,
  useScene,
} from "../../testing/features/key_files/scene.ts";
import { keyFilesOpener, nodeCalls } from "./mod.ts";

useScene();

describe("arguments", () => {
  it("refuses wrong shapes, paths and options, with TypeError or RangeError and no file", () => {
    const keys = open();
    const wrong: readonly (readonly [unknown[], string])[] = [
      [[path(), 0], "RangeError"],
      [[path(), 65_537], "RangeError"],
      [[path(), 1.5], "RangeError"],
      [[path(), "rsa"], "TypeError"],
      [[path()], "TypeError"],
      [["", 32], "TypeError"],
      [[`${directory}/`, 32], "TypeError"],
      [[`${directory}/..`, 32], "TypeError"],
      [[`${path()}\0`, 32], "TypeError"],
      [[`${path()}\ud800`, 32], "TypeError"],
      [[path(".lethe-0123456789abcdef.new"), 32], "TypeError"],
      [[path(".lethe-lock"), 32], "TypeError"],
      [[path(".Lethe-Lock"), 32], "TypeError"],
      [[7, 32], "TypeError"],
      [[path(), 32, { passphrase: "a string" }], "TypeError"],
      [[path(), 32, { passphrase: undefined }], "TypeError"],
      [[path(), 32, { pasphrase: phrase() }], "TypeError"],
      [[path(), 32, phrase()], "TypeError"],
      [[path(), 32, null], "TypeError"],
      [
        [path(), 32, { passphrase: phrase(), cost: { passes: 0, memoryBytes: 2 ** 23 } }],
        "RangeError",
      ],
      [
        [path(), 32, { passphrase: phrase(), cost: { passes: 1, memoryBytes: 2 ** 22 } }],
        "RangeError",
      ],
      [
        [path(), 32, { passphrase: phrase(), cost: { passes: 9, memoryBytes: 2 ** 30 } }],
        "RangeError",
      ],
    ];
    for (const [parameters, name] of wrong) {
      expect(
        codeOf(() => Reflect.apply(keys.create, keys, parameters)),
        String(parameters[1]),
      ).toBe(name);
    }
    expect(readdirSync(directory)).toEqual([]);
    for (const options of [{}, { onMisuse: "ignore" }, { onMissuse: "throw" }, { access: "no" }]) {
      const from = Object.keys(options).length === 0 ? ({} as never) : secrets;
      expect(() => openKeyFiles(from, options as KeyFilesOptions)).toThrow(TypeError);
    }
  });

  it("a polluted Object.prototype gives no passphrase and no policy", () => {
    const polluted = Object.prototype as unknown as Record<string, unknown>;
    polluted["passphrase"] = phrase();
    try {
      open().create(path(), 32);
    } finally {
      delete polluted["passphrase"];
    }
    expect(statSync(path()).size).toBe(32);
  });
});

describe("a system whose access lists are not read", () => {
  const calls = { ...nodeCalls(), access: "not checked" as const };

  it("is refused, unless the program accepts it; then every result says so", () => {
    const opener = keyFilesOpener(runtime, () => calls);
    expect(codeOf(() => opener(secrets))).toBe("ERR_LETHE_UNAVAILABLE");
    const keys = opener(secrets, { access: "not checked" });
    keys.create(path(), 32);
    expect([keys.access, keys.inspect(path()).access]).toEqual(["not checked", "not checked"]);
  });
});

describe("misuse", () => {
  class Aborted extends Error {}
  const aborting = {
    ...runtime,
    abort: (line: string): never => {
      throw new Aborted(line);
    },
  };
  const MISUSES: Readonly<Record<string, (keys: KeyFiles) => unknown>> = {
    ERR_LETHE_KEY_SIZE: (keys) => keys.read(path(), 31),
    ERR_LETHE_FROZEN: (keys) => keys.read(path(), 32).modify((bytes) => bytes.fill(0)),
    ERR_LETHE_DESTROYED: (keys) => {
      const key = keys.read(path(), 32);
      key.destroy();
      key.clone();
    },
  };

  it.each(Object.entries(MISUSES))(
    "%s wipes every secret and aborts by default",
    (code, misuse) => {
      const others = openSecrets();
      const other = others.random(16);
      const keys = keyFilesOpener(aborting, nodeCalls)(secrets);
      keys.create(path(), 32);
      expect(() => misuse(keys)).toThrow(Aborted);
      expect(() => misuse(keys)).toThrow(new RegExp(`^lethe: ${code}: `));
      expect([secrets.stats.live, other.state]).toEqual([0, "destroyed"]);
    },
  );

  it.each(Object.entries(MISUSES))("%s is only thrown under throw", (code, misuse) => {
    const keys = keyFilesOpener(aborting, nodeCalls)(secrets, { onMisuse: "throw" });
    const key = keys.createAndRead(path(), 32);
    expect(codeOf(() => misuse(keys))).toBe(code);
    expect(key.state).toBe("guarded");
  });

  it("changes nothing for the other secrets of the same Secrets", () => {
    keyFilesOpener(aborting, nodeCalls)(secrets).createAndRead(path(), 32);
    const other = secrets.random(16);
    other.destroy();
    expect(codeOf(() => other.clone())).toBe("ERR_LETHE_DESTROYED");
    expect(secrets.stats.live).toBe(1);
  });

  it("holds for clones and slices of a key as well, and after the secrets were disposed", () => {
    const keys = keyFilesOpener(aborting, nodeCalls)(secrets);
    const copy = keys.createAndRead(path(), 32).clone();
    copy.destroy();
    expect(() => copy.clone()).toThrow(Aborted);
    const key = keys.read(path(), 32);
    secrets[Symbol.dispose]();
    expect(key.state).toBe("destroyed");
    expect(() => keys.read(path(), 32)).toThrow(Aborted);
  });

  it("is not what the file system or a passphrase does", () => {
    const keys = keyFilesOpener(aborting, nodeCalls)(secrets, { cost: CHEAP });
    expect(codeOf(() => keys.read(path(), 32))).toBe("ERR_LETHE_KEY_MISSING");
    keys.create(path(), 32, { passphrase: phrase() });
    expect(codeOf(() => keys.read(path(), 32, { passphrase: phrase("other") }))).toBe(
      "ERR_LETHE_KEY_PASSPHRASE",
    );
  });
});
