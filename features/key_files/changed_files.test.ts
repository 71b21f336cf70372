import {
  chmodSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { describe, expect, it } from "vitest";
import { runtime } from "../../adapters/node/mod.ts";
import { interferedCalls } from "../../testing/features/key_files/faulty_calls.ts";
import { directory, path, secrets, useScene } from "../../testing/features/key_files/scene.ts";
import type { FileCalls } from "./file_calls.ts";
import type { KeyFiles } from "./key_files.ts";
import { keyFilesOpener, nodeCalls } from "./mod.ts";

useScene();

function open(calls: FileCalls = nodeCalls()): KeyFiles {
  return keyFilesOpener(runtime, () => calls)(secrets, { onMisuse: "throw" });
}

describe("files that change between check and read", () => {
  it("one that takes its place is not read", () => {
    const key = open().createAndRead(path(), 32);
    open().create(path("other"), 32);
    const calls = interferedCalls((name, _, make) => {
      if (name === "read") renameSync(path("other"), path());
      return make();
    });
    let swapped = false;
    const once: FileCalls = {
      ...calls,
      read: (descriptor, bytes, from) => {
        if (swapped) return nodeCalls().read(descriptor, bytes, from);
        swapped = true;
        return calls.read(descriptor, bytes, from);
      },
    };
    expect(open(once).read(path(), 32).equals(key)).toBe(true);
    expect(open().read(path(), 32).equals(key)).toBe(false);
  });

  it.each([
    ["grows", 33],
    ["is cut", 31],
  ])("one that %s is refused", (_, size) => {
    writeFileSync(path(), new Uint8Array(32).fill(5), { mode: 0o600 });
    const calls = interferedCalls((name, _number, make) => {
      const answer = make();
      if (name === "openFile") writeFileSync(path(), new Uint8Array(size).fill(5));
      return name === "stat" ? { ...(answer as object), ...sizeOf(answer) } : answer;
    });
    const sizeOf = (facts: unknown): object =>
      (facts as { kind: string }).kind === "file" ? { size: 32 } : {};
    expect(() => open(calls).read(path(), 32)).toThrow(/ended early|has bytes after its end/);
    expect(secrets.stats.live).toBe(0);
  });

  const other = (): void =>
    writeFileSync(path("other"), new Uint8Array(32).fill(9), { mode: 0o400 });
  it.each([
    ["one that takes its place", () => renameSync(path("other"), path())],
    [
      "one that gets its inode number",
      () => {
        const { ino } = statSync(path());
        rmSync(path());
        // Taken until the number comes back, as it does at once on ext4.
        for (let count = 0; count < 50; count++) {
          writeFileSync(path(), new Uint8Array(32).fill(9), { mode: 0o400 });
          if (statSync(path()).ino === ino) return;
          renameSync(path(), path(`.more-${count}`));
        }
        renameSync(path("other"), path());
      },
    ],
    [
      "its own bytes, changed in place",
      () => {
        chmodSync(path(), 0o600);
        writeFileSync(path(), new Uint8Array(32).fill(9));
      },
    ],
  ])("%s before a rotation ends: it is not overwritten", (_, change) => {
    open().create(path(), 32);
    other();
    let changed = false;
    const calls = interferedCalls((name, _number, make) => {
      // The key was read, and the new one is written.
      if (name === "write" && !changed) {
        changed = true;
        change();
      }
      return make();
    });
    expect(() => open(calls).rotate(path(), 32)).toThrow(
      expect.objectContaining({ code: "ERR_LETHE_KEY_CHANGED" }),
    );
    expect(readFileSync(path())).toEqual(Buffer.alloc(32, 9));
    const left = readdirSync(directory).filter((name) => !/^(?:\.more-\d+|other)$/.test(name));
    expect(left).toEqual(["key"]);
  });

  it("a file system that keeps no modes is refused", () => {
    const calls = interferedCalls((name, _, make) => {
      const answer = make();
      return name === "stat" && (answer as { kind: string }).kind === "file"
        ? { ...(answer as object), mode: 0o777 }
        : answer;
    });
    expect(() => open(calls).create(path(), 32)).toThrow(/keeps no modes \(0400 became 0777\)/);
    expect(readdirSync(directory)).toEqual([]);
  });
});
