import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { runtime } from "../../adapters/node/mod.ts";
import { program } from "../../testing/features/key_files/children.ts";
import { CHEAP } from "../../testing/features/key_files/entry.ts";
import { errno } from "../../testing/features/key_files/faulty_calls.ts";
import {
  codeOf,
  directory,
  open,
  path,
  secrets,
  useScene,
} from "../../testing/features/key_files/scene.ts";
import type { FileCalls } from "./file_calls.ts";
import type { KeyFiles } from "./key_files.ts";
import { keyFilesOpener, nodeCalls } from "./mod.ts";

useScene();

/** The calls where flock(2) is missing: no helper, or a file system that has none. */
function without(code: string): FileCalls {
  return {
    ...nodeCalls(),
    lock: () => {
      throw errno(code);
    },
  };
}

function byName(wait: number, code = "ENOLCK"): KeyFiles {
  const calls = (): FileCalls => without(code);
  return keyFilesOpener(runtime, calls)(secrets, { onMisuse: "throw", cost: CHEAP, wait });
}

const LOCK = ".lethe-lock";

/** The name of a holder as this process would write it, with some of its parts replaced. */
function holder(replaced: Readonly<Record<number, string>>): string {
  let seen = "";
  const calls = without("ENOSYS");
  const watching: FileCalls = {
    ...calls,
    rename(at, from, to) {
      calls.rename(at, from, to);
      if (to === LOCK) seen = calls.list(at, LOCK)[0] ?? "";
    },
  };
  keyFilesOpener(runtime, () => watching)(secrets).createAndRead(path("seen"), 32);
  rmSync(path("seen"));
  return seen
    .split(".")
    .map((part, index) => replaced[index] ?? part)
    .join(".");
}

function hold(name: string): void {
  mkdirSync(path(LOCK));
  writeFileSync(path(`${LOCK}/${name}`), "");
}

describe.skipIf(process.platform !== "linux")("where there is no flock(2)", () => {
  it.each(["ENOLCK", "EOPNOTSUPP", "ENOSYS", "EACCES"])("%s: the lock is a directory", (code) => {
    const keys = byName(1000, code);
    keys.create(path(), 32);
    keys.rotate(path(), 32);
    keys.remove(path());
    expect(readdirSync(directory)).toEqual([]);
  });

  it("it keeps those off that have flock(2), and they keep it off", () => {
    open().create(path(), 32);
    const inner: unknown[] = [];
    const during = (calls: FileCalls, other: KeyFiles): KeyFiles => {
      const watching: FileCalls = {
        ...calls,
        sync(descriptor) {
          calls.sync(descriptor);
          inner.push(codeOf(() => other.rotate(path(), 32)));
        },
      };
      return keyFilesOpener(runtime, () => watching)(secrets);
    };
    during(without("ENOLCK"), open({ wait: 5 })).rotate(path(), 32);
    during(nodeCalls(), byName(5)).rotate(path(), 32);
    expect(new Set(inner)).toEqual(new Set(["ERR_LETHE_KEY_BUSY"]));
    expect(readdirSync(directory)).toEqual(["key"]);
  });

  it("a holder that has certainly ended is followed at once, by either kind", () => {
    const gone = spawnSync("true").pid;
    for (const replaced of [{ 0: String(gone) }, { 1: "1" }]) {
      for (const keys of [byName(0), open({ wait: 0 })]) {
        hold(holder(replaced));
        expect(codeOf(() => keys.create(path(), 32))).toBe("none");
        keys.remove(path());
        expect(readdirSync(directory)).toEqual([]);
      }
    }
  });

  it.each([
    ["one that lives", {}],
    ["one of another process namespace", { 1: "1", 2: "1" }],
    ["one of another boot, or host", { 1: "1", 3: "00000000-0000-0000-0000-000000000000" }],
    ["one that could not tell when it began", { 1: "unknown" }],
    ["one of another program", { 0: "x" }],
  ])("%s is waited for, and then named", (_, replaced) => {
    const name = holder(replaced);
    hold(name);
    expect(() => byName(5).create(path(), 32)).toThrow(
      expect.objectContaining({
        code: "ERR_LETHE_KEY_BUSY",
        message: expect.stringContaining(name),
      }),
    );
    expect(readdirSync(path(LOCK))).toEqual([name]);
    expect(existsSync(path())).toBe(false);
  });

  it("one that is killed is followed by the next", async () => {
    open().create(path(), 32);
    const child = spawn(process.execPath, [program("name_lock_probe"), directory]);
    await new Promise((resolve) => child.stdout.once("data", resolve));
    expect(codeOf(() => byName(0).rotate(path(), 32))).toBe("ERR_LETHE_KEY_BUSY");
    const ended = new Promise((resolve) => child.once("close", resolve));
    child.kill("SIGKILL");
    await ended;
    expect(codeOf(() => byName(0).rotate(path(), 32))).toBe("none");
    expect(readdirSync(directory).sort()).toEqual(["key"]);
  });
});
