import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openKeyFiles, openSecrets } from "../../adapters/node/mod.ts";
import { program, RUNTIMES, run } from "../../testing/features/key_files/children.ts";
import { SOAK } from "../../testing/tier.ts";

const secrets = openSecrets();
const keys = openKeyFiles(secrets, { onMisuse: "throw" });
let directory = "";
const path = (name = "key"): string => join(directory, name);

/** Mounts a file system of its own on the directory. */
function mount(options: string): boolean {
  return (
    spawnSync("mount", ["-t", "tmpfs", "-o", `mode=700,${options}`, "tmpfs", directory]).status ===
    0
  );
}

/** Only root of the machine may mount; elsewhere the injected faults of faults.test.ts stand alone. */
const MAY_MOUNT: boolean = (() => {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  directory = mkdtempSync(join(tmpdir(), "lethe-mount-"));
  const mounted = mount("size=4k");
  if (mounted) spawnSync("umount", [directory]);
  rmSync(directory, { recursive: true });
  return mounted;
})();

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lethe-keys-"));
});
afterEach(() => {
  spawnSync("umount", [directory]);
  rmSync(directory, { recursive: true });
  expect(secrets.stats.live).toBe(0);
});

function codeAndMessage(action: () => unknown): readonly string[] {
  try {
    action();
    return ["none", ""];
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return [code, message];
  }
}

describe.skipIf(!MAY_MOUNT)("a real file system", () => {
  it("that is full: a typed error, and no file", () => {
    expect(mount("size=64k")).toBe(true);
    writeFileSync(path("filler"), new Uint8Array(60 * 1024));
    // Half of the key fits.
    const [code, message] = codeAndMessage(() => keys.create(path(), 8192));
    expect(code).toBe("ERR_LETHE_KEY_IO");
    expect(message).toMatch(/the disk is full; free some space and try again \(ENOSPC\)$/);
    expect(readdirSync(directory)).toEqual(["filler"]);
    rmSync(path("filler"));
    keys.create(path(), 8192);
    expect(statSync(path()).size).toBe(8192);
  });

  it("that is full: a rotation fails, and the old key stays", () => {
    expect(mount("size=64k")).toBe(true);
    const old = keys.createAndRead(path(), 8192);
    writeFileSync(path("filler"), new Uint8Array(56 * 1024));
    expect(codeAndMessage(() => keys.rotate(path(), 8192))[0]).toBe("ERR_LETHE_KEY_IO");
    expect(readdirSync(directory).sort()).toEqual(["filler", "key"]);
    const now = keys.read(path(), 8192);
    expect(now.equals(old)).toBe(true);
    keys.destroy([old, now]);
  });

  it("without room for names: a typed error at the temporary or at the link", () => {
    const seen: string[] = [];
    for (const names of [1, 2, 3, 4]) {
      expect(mount(`nr_inodes=${names}`)).toBe(true);
      const [code] = codeAndMessage(() => keys.create(path(), 32));
      seen.push(`${code}: ${readdirSync(directory).join()}`);
      spawnSync("umount", [directory]);
    }
    // The directory, the lock, the temporary, its second name.
    const refused = "ERR_LETHE_KEY_IO: ";
    expect(seen).toEqual([refused, refused, refused, "none: key"]);
  });

  it("that is read-only: nothing is made, and what is there is read", () => {
    expect(mount("size=64k")).toBe(true);
    keys.create(path(), 32);
    spawnSync("mount", ["-o", "remount,ro", directory]);
    for (const action of [
      () => keys.createAndRead(path("new"), 32),
      () => keys.rotate(path(), 32),
      () => keys.remove(path()),
    ]) {
      const [code, message] = codeAndMessage(action);
      expect(code).toBe("ERR_LETHE_KEY_IO");
      expect(message).toMatch(/read-only/);
    }
    keys.read(path(), 32).destroy();
    expect(readdirSync(directory)).toEqual(["key"]);
  });
});

// RLIMIT_FSIZE: the write is cut short at the limit; at the limit the kernel sends SIGXFSZ.
it
  .skipIf(process.platform !== "linux")
  .each(Object.keys(RUNTIMES).filter((name) => existsSync(RUNTIMES[name]?.[0] ?? "")))(
  "a limit of file sizes on %s leaves no key: a typed error, or the end by SIGXFSZ",
  (runtime) => {
    const command = [...(RUNTIMES[runtime] ?? []), program("create_probe"), path()];
    const { signal, stdout, stderr } = run(["prlimit", "--fsize=1000", "--", ...command]);
    expect(signal ?? stdout.trim(), stderr).toMatch(/^(SIGXFSZ|ERR_LETHE_KEY_IO)$/);
    expect(existsSync(path())).toBe(false);
    const left = readdirSync(directory);
    // A process that was killed leaves what it had begun, and nothing else.
    if (signal === null) expect(left).toEqual([]);
    for (const name of left) expect(name).toMatch(/^\.lethe-(?:[0-9a-f]{16}\.new|lock)$/);
  },
);

it("Deno: a directory that the program was not granted is refused", ({ skip }) => {
  const [deno = "", ...flags] = RUNTIMES["deno"] ?? [];
  if (!existsSync(deno)) skip("Deno is not installed");
  const attempt = (...granted: string[]): string => {
    const own = flags.filter((flag) => flag !== "--allow-read" && flag !== "--allow-write");
    const command = [deno, ...own, ...granted, program("create_probe"), path()];
    return run(command).stdout.trim();
  };
  const source = new URL("../../", import.meta.url).pathname;
  expect(attempt(`--allow-read=${source}`)).toBe("ERR_LETHE_KEY_DENIED");
  expect(attempt(`--allow-read=${source},${directory}`)).toBe("ERR_LETHE_KEY_DENIED");
  expect(readdirSync(directory)).toEqual([]);
  expect(attempt(`--allow-read=${source},${directory}`, `--allow-write=${directory}`)).toBe("none");
});

it.runIf(SOAK)(
  "Node's permission model without addons: keys are read where it is granted, and not made without fsync",
  () => {
    const source = new URL("../../", import.meta.url).pathname;
    const node = [process.execPath, "--no-warnings", "--permission"];
    const attempt = (granted: readonly string[], what: string): string =>
      run([
        ...node,
        `--allow-fs-read=${source}`,
        ...granted,
        program("create_probe"),
        path(),
        what,
      ]).stdout.trim();
    const [reading, writing] = [`--allow-fs-read=${directory}`, `--allow-fs-write=${directory}`];
    expect(attempt([reading, writing], "create")).toBe("ERR_LETHE_KEY_DENIED");
    expect(readdirSync(directory)).toEqual([]);
    keys.create(path(), 4096);
    expect(attempt([reading], "read")).toBe("none");
  },
);
