import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { INSTALLED, ROOT, RUNTIMES, SOAK } from "../../testing/features/prompt/pty.ts";
import { withUntouchedPrototypes } from "./untouched.ts";

const { NODE_OPTIONS: _, ...env } = process.env;
const CHOSEN = INSTALLED.filter((name) => SOAK || name === "node-24");

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lethe-loader-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function run(name: string, what: string): unknown {
  const [file = "", ...words] = RUNTIMES[name] ?? [];
  const path = `${ROOT}testing/whole/polluted_loader.ts`;
  const options = { cwd: ROOT, env, encoding: "utf8" } as const;
  const { stdout, stderr } = spawnSync(file, [...words, path, what, folder], options);
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Error(stderr);
  }
}

describe.skipIf(process.platform !== "linux").each(CHOSEN)("a native module on %s", (name) => {
  const planted = ["builtins", "getter", "nothing", "resolutions", "name", "descriptor"];
  it.each(SOAK ? planted : planted.slice(0, 2))(
    "is loaded as ever, and runs no other file, with planted: %s",
    (what) => {
      expect(run(name, what)).toEqual({
        memory: "secretmem",
        engine: "sodium",
        kept: true,
        stderr: "object",
        ran: false,
      });
    },
  );
});

describe("what was added to Object.prototype", () => {
  const symbol = Symbol("planted");
  const planted = Object.prototype as unknown as Record<PropertyKey, unknown>;

  it("is not there meanwhile, calls no getter, and is there again as it was", () => {
    const get = (): never => {
      throw new Error("called");
    };
    Object.defineProperty(planted, "first", { get, configurable: true });
    planted[symbol] = 2;
    const before = [
      Object.getOwnPropertyDescriptor(planted, "first"),
      Object.getOwnPropertyDescriptor(planted, symbol),
    ];
    try {
      const seen = withUntouchedPrototypes(() => ["first" in {}, symbol in {}, "valueOf" in {}]);
      expect(seen).toEqual([false, false, true]);
      expect(() => withUntouchedPrototypes(fail)).toThrow("failed");
      expect([
        Object.getOwnPropertyDescriptor(planted, "first"),
        Object.getOwnPropertyDescriptor(planted, symbol),
      ]).toEqual(before);
    } finally {
      delete planted["first"];
      delete planted[symbol];
    }
  });
});

function fail(): never {
  throw new Error("failed");
}
