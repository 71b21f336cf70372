import { closeSync, openSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { runtime } from "../../adapters/node/mod.ts";
import {
  codeOf,
  directory,
  open,
  path,
  secrets,
  useScene,
} from "../../testing/features/key_files/scene.ts";
import type { FileCalls } from "./file_calls.ts";
import { lockByHelper } from "./lock_helper.ts";
import { keyFilesOpener, nodeCalls } from "./mod.ts";

useScene();

const LOCK = ".lethe-lock";

describe.skipIf(process.platform !== "linux")("the lock", () => {
  it("of a file that has lost its name is none: the one that has it now counts", () => {
    const real = nodeCalls();
    const others: number[] = [];
    let count = 0;
    const calls: FileCalls = {
      ...real,
      lock(descriptor, patience) {
        // The first time the lock is tried; the second time its holder has just gone, and another came.
        if (++count === 2) {
          rmSync(path(LOCK));
          others.push(openSync(path(LOCK), "w", 0o600));
          expect(lockByHelper(others[0] as number, 0)).toBe(true);
        }
        return real.lock(descriptor, patience);
      },
    };
    const keys = keyFilesOpener(runtime, () => calls)(secrets, { onMisuse: "throw", wait: 20 });
    expect(codeOf(() => keys.create(path(), 32))).toBe("ERR_LETHE_KEY_BUSY");
    expect(readdirSync(directory)).toEqual([LOCK]);
    // It ends with the descriptor, without a word.
    closeSync(others[0] as number);
    expect(codeOf(() => keys.create(path(), 32))).toBe("none");
    expect(readdirSync(directory)).toEqual(["key"]);
  });

  it("is taken over from one that was killed, whatever its file looks like", () => {
    for (const mode of [0o000, 0o400, 0o600, 0o666]) {
      writeFileSync(path(LOCK), "", { mode });
      expect(codeOf(() => open({ wait: 0 }).createAndRead(path(), 32))).toBe("none");
      open().remove(path());
      expect(readdirSync(directory)).toEqual([]);
    }
  });

  it("is tried once for each file system, on a file of its own", () => {
    const made: string[] = [];
    const real = nodeCalls();
    const calls: FileCalls = {
      ...real,
      createFile(at, name) {
        made.push(name);
        return real.createFile(at, name);
      },
    };
    const keys = keyFilesOpener(runtime, () => calls)(secrets, { onMisuse: "throw" });
    for (const name of ["a", "b", "c"]) keys.createAndRead(path(name), 32);
    expect(made).toHaveLength(4);
    expect(readdirSync(directory)).toEqual(["a", "b", "c"]);
  });

  it("is waited for as long as the caller says", () => {
    expect(() => open({ wait: -1 })).toThrow(RangeError);
    expect(() => open({ wait: Number.NaN })).toThrow(RangeError);
    expect(() => open({ wait: "1" as never })).toThrow(TypeError);
  });
});
