import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runtime as letheRuntime, openKeyFiles, openSecrets } from "../../adapters/node/mod.ts";
import { program, RUNTIMES, run } from "../../testing/features/key_files/children.ts";
import { errno } from "../../testing/features/key_files/faulty_calls.ts";
import { SOAK } from "../../testing/tier.ts";
import { keyFilesOpener, nodeCalls } from "./mod.ts";

const secrets = openSecrets();
const keys = openKeyFiles(secrets, { onMisuse: "throw" });
let directory = "";
const path = (name = "key"): string => join(directory, name);
const hex = (name: string): string => readFileSync(path(name)).toString("hex");

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "lethe-keys-"));
});
afterEach(() => {
  secrets.purge();
  rmSync(directory, { recursive: true });
});

/** @returns whether it was killed, or had come to its end before that step */
function killedAt(runtime: string, operation: string, step: number): boolean {
  const allowed = runtime === "deno" ? ["--allow-run"] : [];
  const command = [...(RUNTIMES[runtime] ?? []), ...allowed, program("kill_probe")];
  const result = run([...command, directory, operation, String(step)]);
  if (result.signal === "SIGKILL") return true;
  expect(result.stderr).toBe("");
  expect(result.stdout).toMatch(/^survived \d+\n$/);
  return false;
}

const temporaries = (): readonly string[] =>
  readdirSync(directory).filter((name) => /^\.lethe-[0-9a-f]{16}\.(?:new|old)$/.test(name));

/** The next change takes leftovers away; nothing else is in the directory then. */
function expectSwept(expected: readonly string[]): void {
  for (const name of temporaries()) {
    expect(statSync(path(name)).mode & 0o077, "for the owner's eyes").toBe(0);
  }
  keys.create(path("another"), 16);
  keys.remove(path("another"));
  expect(readdirSync(directory).sort()).toEqual([...expected].sort());
}

const runtimes = Object.keys(RUNTIMES).filter((name) => existsSync(RUNTIMES[name]?.[0] ?? ""));

/** What is in the directory after a creation was killed at a step, once it was checked and swept. */
function afterCreate(): string {
  const whole = existsSync(path());
  if (whole) {
    expect(statSync(path())).toMatchObject({ size: 32, mode: 0o100400 });
    keys.read(path(), 32).destroy();
  }
  const seen = `${whole ? "key" : "none"}, ${temporaries().length} left`;
  expectSwept(whole ? ["key"] : []);
  if (whole) keys.remove(path());
  return seen;
}

const OUTCOMES = [
  "none, 1 left", // a file to try the lock on
  "none, 0 left", // it is gone
  "none, 0 left", // the lock
  ...["none, 1 left", "none, 1 left", "none, 1 left", "none, 1 left"], // create, two writes, sync
  "key, 1 left", // linked
  "key, 0 left", // the temporary's name is gone
  "key, 0 left", // the directory is synced
  "key, 0 left", // the lock's file is gone
];

// `npm run soak` takes every step on every runtime.
describe.skipIf(process.platform !== "linux").each(runtimes)("killed on %s", (runtime) => {
  it("create: after every step there is the whole key or none", { timeout: 120_000 }, () => {
    const steps = SOAK
      ? OUTCOMES.map((_, index) => index + 1)
      : [{ node: 5, deno: 8 }[runtime] ?? 2];
    for (const step of steps) {
      expect(killedAt(runtime, "create", step), `killed at ${step}`).toBe(true);
      expect(afterCreate(), `step ${step}`).toBe(OUTCOMES[step - 1]);
    }
    if (steps.length < OUTCOMES.length) return;
    expect(killedAt(runtime, "create", OUTCOMES.length + 1), "no further step").toBe(false);
  });
});

describe.skipIf(process.platform !== "linux").each(SOAK ? runtimes : ["bun"])(
  "killed on %s",
  (runtime) => {
    it.each(SOAK ? ["rotate", "rotate, keep", "seal"] : ["rotate"])(
      "%s: after every step the old key is there, and what has its name is whole",
      { timeout: 120_000 },
      (operation) => {
        const seen: string[] = [];
        for (let step = 1; ; step++) {
          keys.create(path(), 32);
          const old = hex("key");
          const killed = killedAt(runtime, operation, step);
          const sizes = operation === "seal" ? [32, 176] : [32];
          expect(sizes).toContain(statSync(path()).size);
          const names = readdirSync(directory).filter((name) => !name.endsWith("lock"));
          const holdOld = names.filter((name) => hex(name) === old);
          const kinds = holdOld.map((name) => name.replace(/[0-9a-f]{16}/, "*")).sort();
          seen.push(kinds.join(" and ") || "replaced");
          // Nothing that is left keeps the next change off, and no key is lost by it.
          const size = statSync(path()).size;
          if (size === 32 && existsSync(path("key.previous")) && hex("key") !== old) {
            expect(() => keys.rotate(path(), size)).toThrow(/\.previous/);
          } else if (size === 32) keys.rotate(path(), size).previous.destroy();
          const kept = readdirSync(directory).filter((name) => name.startsWith("key."));
          for (const name of kept) {
            expect(hex(name), name).toBe(old);
            keys.remove(path(name));
          }
          expectSwept(["key"]);
          keys.remove(path());
          if (!killed) break;
        }
        const written = operation === "seal" ? 9 : 2; // in pieces of 20 bytes
        const second = { rotate: "key.replaced-*", seal: ".lethe-*.old" }[operation];
        const keep = operation === "rotate, keep";
        const other = second ?? "key.previous";
        expect(seen).toEqual([
          ...Array.from({ length: 5 + written }, () => "key"), // tried, gone, lock, create, write, sync
          [other, "key"].sort().join(" and "), // link
          other, // rename
          other, // sync
          // The old name is gone, the directory synced after another form, the lock's file gone, the end.
          ...Array.from({ length: { rotate: 3, seal: 4 }[operation] ?? 2 }, () =>
            keep ? other : "replaced",
          ),
        ]);
      },
    );
  },
);

describe.skipIf(process.platform !== "linux" || !SOAK).each(runtimes)(
  "killed on %s, on a file system without hard links",
  (runtime) => {
    it("create: there is the whole key, or none, or an empty file that the next one replaces", () => {
      const calls = {
        ...nodeCalls(),
        renameNew: undefined,
        link: () => {
          throw errno("EPERM");
        },
      };
      const linkless = keyFilesOpener(letheRuntime, () => calls)(secrets, { onMisuse: "throw" });
      for (let step = 1; ; step++) {
        const killed = killedAt(runtime, "create, no links", step);
        const size = existsSync(path()) ? statSync(path()).size : "none";
        expect(["none", 0, 32], `step ${step}`).toContain(size);
        if (size !== 32) linkless.create(path(), 32);
        expectSwept(["key"]);
        keys.read(path(), 32).destroy();
        keys.remove(path());
        if (!killed) break;
      }
    }, 240_000);

    it("rotate: the old key is there, and what has its name is whole", () => {
      for (let step = 1; ; step++) {
        keys.create(path(), 32);
        const old = hex("key");
        const killed = killedAt(runtime, "rotate, no links", step);
        expect(statSync(path()).size, `step ${step}`).toBe(32);
        const left = readdirSync(directory).filter((name) => name.startsWith("key."));
        const rest = left.filter((name) => statSync(path(name)).size > 0);
        if (hex("key") !== old && killed) {
          for (const name of rest) expect(hex(name)).toBe(old);
        }
        keys.rotate(path(), 32).previous.destroy();
        for (const name of left) rmSync(path(name), { force: true });
        expectSwept(["key"]);
        keys.remove(path());
        if (!killed) break;
      }
    }, 240_000);
  },
);
