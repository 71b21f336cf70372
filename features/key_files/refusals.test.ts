import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { program, RUNTIMES, run } from "../../testing/features/key_files/children.ts";

const ROOT = process.getuid?.() === 0;
const NOBODY = 65_534;
const ME: number = ROOT ? NOBODY : (process.getuid?.() ?? -1);

interface Answer {
  readonly code: string;
  readonly message: string;
}
interface Outcome {
  readonly reads: Readonly<Record<string, Answer>>;
  readonly creates: Readonly<Record<string, Answer>>;
  readonly descriptors: readonly [number, number];
  readonly live: number;
}

/** Each path with what reading 32 bytes of it, and creating it, is answered with. */
const MATRIX: Readonly<Record<string, readonly [read: string, create: string]>> = {
  good: ["none", "EXISTS"],
  "own 0600": ["none", "EXISTS"],
  "name\nwith newline": ["none", "EXISTS"],
  missing: ["MISSING", "none"],
  "missing\nwith newline": ["MISSING", "none"],
  "no folder/key": ["MISSING", "MISSING"],
  "good/key": ["MISSING", "MISSING"],
  [`${"long".repeat(64)}`]: ["MISSING", "MISSING"],
  directory: ["IRREGULAR", "EXISTS"],
  symlink: ["IRREGULAR", "EXISTS"],
  "dangling symlink": ["IRREGULAR", "EXISTS"],
  fifo: ["IRREGULAR", "EXISTS"],
  socket: ["IRREGULAR", "EXISTS"],
  "/dev/zero": ["IRREGULAR", "EXISTS or DENIED"],
  "/proc/self/cmdline": ["OWNER or MODE", "any"],
  empty: ["SIZE", "EXISTS"],
  "one byte short": ["SIZE", "EXISTS"],
  "one byte long": ["SIZE", "EXISTS"],
  "mode 0440": ["MODE", "EXISTS"],
  "mode 0404": ["MODE", "EXISTS"],
  "mode 0420": ["MODE", "EXISTS"],
  "mode 0500": ["MODE", "EXISTS"],
  "mode 4400": ["MODE", "EXISTS"],
  unreadable: ["DENIED", "EXISTS"],
  "world/key": ["DIRECTORY", "DIRECTORY"],
  "sticky/key": ["DIRECTORY", "DIRECTORY"],
  "group/key": ["DIRECTORY", "DIRECTORY"],
  "read only/key": ["none", "DENIED"],
  "read only/new": ["MISSING", "DENIED"],
  "search only/key": ["none", "DENIED"],
  "closed/key": ["DENIED", "DENIED"],
  "linked folder/key": ["none", "EXISTS"],
  ...(ROOT
    ? {
        "other owner": ["OWNER", "EXISTS"],
        "root's own": ["DENIED", "EXISTS"],
        "other owner's folder/key": ["DIRECTORY", "DIRECTORY"],
        "root's folder/key": ["none", "DENIED"],
      }
    : {}),
};

let directory = "";
let server: Server;

function file(name: string, mode: number, length = 32, owner = ME): void {
  const path = join(directory, name);
  writeFileSync(path, new Uint8Array(length).fill(7));
  chownSync(path, owner, owner);
  chmodSync(path, mode);
}

function folder(name: string, mode: number, owner = ME): void {
  mkdirSync(join(directory, name));
  file(`${name}/key`, 0o400);
  chownSync(join(directory, name), owner, owner);
  chmodSync(join(directory, name), mode);
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "lethe-keys-"));
  chmodSync(directory, 0o755);
  chownSync(directory, ME, ME);
  file("good", 0o400);
  file("own 0600", 0o600);
  file("name\nwith newline", 0o400);
  mkdirSync(join(directory, "directory"));
  symlinkSync("good", join(directory, "symlink"));
  symlinkSync("nowhere", join(directory, "dangling symlink"));
  spawnSync("mkfifo", [join(directory, "fifo")]);
  server = createServer();
  await new Promise<void>((resolve) => server.listen(join(directory, "socket"), resolve));
  file("empty", 0o400, 0);
  file("one byte short", 0o400, 31);
  file("one byte long", 0o400, 33);
  for (const mode of ["0440", "0404", "0420", "0500", "4400"]) {
    file(`mode ${mode}`, Number.parseInt(mode, 8));
  }
  file("unreadable", 0o200);
  folder("world", 0o777);
  folder("sticky", 0o1777);
  folder("group", 0o770);
  folder("read only", 0o500);
  folder("search only", 0o100);
  folder("closed", 0o400);
  folder("linked", 0o700);
  symlinkSync("linked", join(directory, "linked folder"));
  if (!ROOT) return;
  file("other owner", 0o404, 32, 1234);
  file("root's own", 0o400, 32, 0);
  folder("other owner's folder", 0o755, 1234);
  folder("root's folder", 0o755, 0);
});
afterAll(() => {
  server.close();
  spawnSync("chmod", ["-R", "u+rwX", directory]);
  rmSync(directory, { recursive: true });
});

function reset(): void {
  for (const name of ["missing", "missing\nwith newline"]) {
    rmSync(join(directory, name), { force: true });
  }
}

function matches(code: string, expected: string): boolean {
  if (expected === "any") return true;
  if (expected === "none") return code === "none";
  return expected.split(" or ").some((part) => code === `ERR_LETHE_KEY_${part}`);
}

/** Another user can run the probe only where each folder above it lets others through. */
const reachable = (path: string): boolean =>
  path === dirname(path) || ((statSync(path).mode & 1) === 1 && reachable(dirname(path)));

describe
  .skipIf(process.platform !== "linux" || !reachable(dirname(program("refusals_probe"))))
  .each(Object.keys(RUNTIMES).filter((name) => existsSync(RUNTIMES[name]?.[0] ?? "")))(
  "refusals on %s, without privileges",
  (runtime) => {
    let outcome: Outcome;

    beforeAll(() => {
      reset();
      const command = [...(RUNTIMES[runtime] ?? []), program("refusals_probe"), directory];
      const { stdout, stderr } = run([...command, ...Object.keys(MATRIX)], {
        ...(ROOT ? { uid: NOBODY } : {}),
        umask: "777",
      });
      if (stdout === "") throw new Error(stderr);
      outcome = JSON.parse(stdout) as Outcome;
    });

    it("each path is answered with its code", () => {
      const differ = Object.entries(MATRIX).filter(
        ([name, [read, create]]) =>
          !matches(outcome.reads[name]?.code ?? "", read) ||
          !matches(outcome.creates[name]?.code ?? "", create),
      );
      expect(
        differ.map(([name, expected]) => [
          name,
          expected,
          outcome.reads[name],
          outcome.creates[name],
        ]),
      ).toEqual([]);
    });

    it("each refusal is one line that names the path, the reason and a remedy", () => {
      const messages = [...Object.values(outcome.reads), ...Object.values(outcome.creates)]
        .filter(({ code }) => code !== "none")
        .map(({ message }) => message);
      expect(messages.length).toBeGreaterThan(40);
      for (const message of messages) {
        expect(message).toMatch(/^Cannot (read|create) key file ".+": [^\n]+; [^\n]+$/);
      }
    });

    it("what was created has mode 0400 and 32 bytes, whatever the umask", () => {
      for (const name of ["missing", "missing\nwith newline"]) {
        const { mode, size, uid } = statSync(join(directory, name));
        expect([mode & 0o7777, size, uid]).toEqual([0o400, 32, ME]);
      }
    });

    it("nothing stays behind: no temporary file, no descriptor, no secret", () => {
      const names = [".", "world", "sticky", "group", "read only"].flatMap((name) =>
        readdirSync(join(directory, name)),
      );
      expect(names.filter((name) => name.startsWith(".lethe"))).toEqual([]);
      expect(outcome.descriptors[1]).toBe(outcome.descriptors[0]);
      expect(outcome.live).toBe(0);
    });
  },
);
