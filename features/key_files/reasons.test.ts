import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { runtime } from "../../adapters/node/mod.ts";
import { CHEAP } from "../../testing/features/key_files/entry.ts";
import { errno, interferedCalls } from "../../testing/features/key_files/faulty_calls.ts";
import { open, path, secrets, useScene } from "../../testing/features/key_files/scene.ts";
import type { FileCalls } from "./file_calls.ts";
import { keyFilesOpener, nodeCalls } from "./mod.ts";
import { DIRECTORY_REASONS, REASONS, TEMPORARY_REASONS } from "./reasons.ts";

useScene();

function messageOf(action: () => unknown): string {
  try {
    action();
    return "none";
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return `${code}: ${message}`;
  }
}

/** What an operation says when its first call of that name fails. */
function failing(call: keyof FileCalls, code: string, operation: "create" | "read"): string {
  let failed = false;
  const calls = interferedCalls((name, _, make) => {
    if (name !== call || failed) return make();
    failed = true;
    throw errno(code);
  });
  const keys = keyFilesOpener(runtime, () => calls)(secrets, { onMisuse: "throw", cost: CHEAP });
  return messageOf(() =>
    operation === "create" ? keys.createAndRead(path(), 32) : keys.read(path(), 32),
  );
}

describe("a system call that fails", () => {
  const named = (code: string): RegExp => new RegExp(`^ERR_LETHE_KEY_\\w+: .*; .+ \\(${code}\\)`);

  it.each([...Object.keys(REASONS), "EXOTIC"])(
    "%s: the reason of its table, and its code",
    (code) => {
      open().create(path(), 32);
      const opened = failing("openFile", code, "read");
      const synced = failing("openDirectory", code, "create");
      const [, reason] = REASONS[code] ?? ["", "a system call failed"];
      expect(opened).toMatch(named(code));
      expect(opened).toContain(reason);
      expect(synced).toMatch(named(code));
      expect(synced).toContain((DIRECTORY_REASONS[code] ?? ["", reason])[1]);
      rmSync(path());
      const created = failing("createFile", code, "create");
      expect(created).toMatch(named(code));
      expect(created).toContain((TEMPORARY_REASONS[code] ?? ["", reason])[1]);
    },
  );
});

describe.skipIf(process.platform === "win32")("a path that is not there", () => {
  it.each([
    ["nowhere/key", /its directory does not exist; make it with mkdir -m 700/, /the same/],
    ["file/key", /a folder of its path is a file; correct the path \(ENOTDIR\)/, /the same/],
    ["circle/key", /symbolic links of its directory lead in a circle.*\(ELOOP\)/, /the same/],
    [`${"long".repeat(60)}/${"long".repeat(1000)}/key`, /path is too long.*\(ENAMETOOLONG\)/, /x/],
    ["key", /there is none; create it, or correct the path \(ENOENT\)/, /none/],
  ])("%s", (name, read, create) => {
    writeFileSync(path("file"), "");
    symlinkSync("circle", path("circle"));
    const keys = open();
    for (const action of [
      () => keys.read(path(name), 32),
      () => keys.inspect(path(name)),
      () => keys.rotate(path(name), 32),
      () => keys.remove(path(name)),
    ]) {
      expect(messageOf(action)).toMatch(read);
    }
    const created = messageOf(() => keys.create(path(name), 32));
    expect(created).toMatch(String(create) === "/none/" ? /^none$/ : read);
  });

  it("a name that leaves no room for a second one can be made, and not rotated", () => {
    const name = "n".repeat(240);
    const keys = open();
    keys.create(path(name), 32);
    expect(messageOf(() => keys.rotate(path(name), 32))).toMatch(
      /KEY_MISSING: .*leaves no room for a second name.*226 bytes \(ENAMETOOLONG\)/,
    );
    expect(keys.read(path(name), 32).byteLength).toBe(32);
  });
});

describe.skipIf(process.platform === "win32")("the lock", () => {
  it("that is a link, or not a file, is named", () => {
    symlinkSync("elsewhere", path(".lethe-lock"));
    expect(messageOf(() => open().create(path(), 32))).toMatch(
      /KEY_DIRECTORY: .*\.lethe-lock in its directory is a symbolic link.*\(ELOOP\)/,
    );
  });

  it("whose helper cannot be started says so", () => {
    const real = nodeCalls();
    let count = 0;
    const calls: FileCalls = {
      ...real,
      lock: (descriptor, patience) => {
        if (++count > 1) throw errno("EAGAIN");
        return real.lock(descriptor, patience);
      },
    };
    const keys = keyFilesOpener(runtime, () => calls)(secrets, { onMisuse: "throw" });
    expect(messageOf(() => keys.create(path(), 32))).toMatch(/flock\(1\).*ulimit -u\) \(EAGAIN\)/);
  });
});

describe.skipIf(process.platform !== "linux")("a profile", () => {
  it("that cannot ask /proc says so", () => {
    open().create(path(), 32);
    const calls: FileCalls = {
      ...nodeCalls(),
      readSystemText: () => {
        throw errno("ENOENT");
      },
    };
    const keys = keyFilesOpener(runtime, () => calls)(secrets, { onMisuse: "throw" });
    expect(messageOf(() => keys.read(path(), 32, { trust: "compose" }))).toMatch(
      /KEY_DENIED: .*\/proc does not tell.*\(ENOENT\)/,
    );
  });

  it("gives remedies that this user can carry out", () => {
    mkdirSync(path("own"), { mode: 0o700 });
    open().create(path("own/key"), 32);
    chmodSync(path("own"), 0o770);
    expect(messageOf(() => open().read(path("own/key"), 32))).toMatch(/0770.*; chmod go-w it$/);
    chmodSync(path("own"), 0o700);
    chmodSync(path("own/key"), 0o404);
    expect(messageOf(() => open().read(path("own/key"), 32))).toMatch(/chmod it to 0400/);
  });
});
