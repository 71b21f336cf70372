import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { runtime } from "../../adapters/node/mod.ts";
import { CHEAP } from "../../testing/features/key_files/entry.ts";
import { errno } from "../../testing/features/key_files/faulty_calls.ts";
import {
  codeOf,
  content,
  directory,
  path,
  phrase,
  secrets,
  useScene,
} from "../../testing/features/key_files/scene.ts";
import { SOAK } from "../../testing/tier.ts";
import type { FileCalls } from "./file_calls.ts";
import type { KeyFiles } from "./key_files.ts";
import { keyFilesOpener, nodeCalls } from "./mod.ts";

useScene();

/** What link(2) answers on exFAT, SMB, virtiofs and others, and under some security modules. */
const ANSWERS = "EPERM EOPNOTSUPP ENOTSUP ENOSYS EMLINK EXDEV EACCES EINVAL".split(" ");

/**
 * The calls on a file system without hard links. An existing name is answered first, as by the kernel.
 *
 * @param renameNew renameat2(2): what it does where it is known, and the errno where it is not
 */
function without(code: string, renameNew?: "works" | string): FileCalls {
  const real = nodeCalls();
  const refuse = (_: unknown, __: string, to: string): void => {
    if (readdirSync(directory).includes(to)) throw errno("EEXIST");
    throw errno(code);
  };
  const rename: FileCalls["renameNew"] = (at, from, to) => {
    if (renameNew !== "works") throw errno(renameNew ?? "");
    if (readdirSync(directory).includes(to)) throw errno("EEXIST");
    real.rename(at, from, to);
  };
  return { ...real, link: refuse, renameNew: renameNew === undefined ? undefined : rename };
}

function open(calls: FileCalls): KeyFiles {
  return keyFilesOpener(runtime, () => calls)(secrets, { onMisuse: "throw", cost: CHEAP });
}

const WAYS: readonly (readonly [link: string, rename: string | undefined])[] = [
  ...ANSWERS.map((code) => [code, undefined] as const),
  ...ANSWERS.map((code) => [code, "works"] as const),
  ["EOPNOTSUPP", "EINVAL"],
  ["EPERM", "ENOSYS"],
];
const FEW = WAYS.filter((_, index) => index % 8 === 0);

describe.skipIf(process.platform === "win32")("without hard links", () => {
  it.each(SOAK ? WAYS : FEW)(
    "link(2) answers %s, renameat2(2) %s: every operation is done",
    (link, rename) => {
      const keys = open(without(link, rename));
      const made = keys.createAndRead(path(), 32);
      expect(statSync(path())).toMatchObject({ size: 32, mode: 0o100400 });
      expect(codeOf(() => keys.create(path(), 32))).toBe("ERR_LETHE_KEY_EXISTS");
      const { previous, current } = keys.rotate(path(), 32, { keepPrevious: true });
      expect(previous.equals(made)).toBe(true);
      expect(content(previous)).toBe(readFileSync(path("key.previous")).toString("base64"));
      expect(codeOf(() => keys.rotate(path(), 32))).toBe("ERR_LETHE_KEY_EXISTS");
      keys.remove(path("key.previous"));
      keys.seal(path(), 32, { passphrase: phrase() });
      keys.changePassphrase(path(), { passphrase: phrase(), newPassphrase: phrase("new") });
      keys.unseal(path(), { passphrase: phrase("new") });
      expect(keys.read(path(), 32).equals(current)).toBe(true);
      keys.rotate(path(), 32);
      expect(readdirSync(directory)).toEqual(["key"]);
    },
  );

  it("an empty file that a killed creation left is replaced, and no other file is", () => {
    const keys = open(without("EPERM"));
    writeFileSync(path(), "", { mode: 0o400 });
    keys.create(path(), 32);
    expect(statSync(path()).size).toBe(32);
    // Where there are hard links Lethe leaves no such file, so that it is somebody else's.
    rmSync(path());
    writeFileSync(path(), "", { mode: 0o400 });
    expect(codeOf(() => open(nodeCalls()).create(path(), 32))).toBe("ERR_LETHE_KEY_EXISTS");
    expect(readdirSync(directory)).toEqual(["key"]);
  });

  it("an empty second name that a killed rotation left keeps the next one off neither", () => {
    const keys = open(without("EPERM"));
    for (const left of ["key.previous", `key.replaced-${"0".repeat(16)}`]) {
      keys.create(path(), 32);
      writeFileSync(path(left), "", { mode: 0o400 });
      keys.rotate(path(), 32, { keepPrevious: true });
      expect(readdirSync(directory).sort()).toEqual(["key", "key.previous"]);
      keys.remove(path("key.previous"));
      keys.remove(path());
    }
  });

  it("a file that somebody makes at the last moment is not replaced", () => {
    const calls = without("EPERM");
    const late: FileCalls = {
      ...calls,
      link(_at, _from, to) {
        writeFileSync(path(to), "somebody else's");
        throw errno("EPERM"); // asked before
      },
    };
    expect(codeOf(() => open(late).create(path(), 32))).toBe("ERR_LETHE_KEY_EXISTS");
    expect(readFileSync(path(), "utf8")).toBe("somebody else's");
    expect(readdirSync(directory)).toEqual(["key"]);
  });

  it("a file system without modes is refused with the options of its mount", () => {
    const calls = without("EPERM");
    const modeless: FileCalls = {
      ...calls,
      stat: (descriptor) => {
        const facts = calls.stat(descriptor);
        return facts.kind === "file" ? { ...facts, mode: 0o755 } : facts;
      },
      chmod: () => undefined,
    };
    expect(() => open(modeless).create(path(), 32)).toThrow(/0400 became 0755.*fmask=0377/);
    expect(readdirSync(directory).filter((name) => name !== ".lethe-lock")).toEqual([]);
  });
});
