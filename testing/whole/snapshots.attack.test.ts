import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { INSTALLED, ROOT, RUNTIMES, SOAK } from "../features/prompt/pty.ts";

/** What one continuation made. */
interface Round {
  readonly web: string;
  readonly random: string;
  readonly memory: string;
  readonly nonces: Readonly<Record<string, readonly string[]>>;
}

const NOT_RUN =
  process.platform !== "linux"
    ? "NOT RUN, it takes Linux: "
    : spawnSync("cc", ["--version"]).status === 0
      ? ""
      : "NOT RUN, it takes a C compiler: ";
const MEMORIES = ["secretmem", "pages", "sodium", "heap"];
const ROWS = INSTALLED.flatMap((name) => MEMORIES.map((memory) => [name, memory] as const));
const DAILY = ["node-24 secretmem", "bun heap"];

let folder = "";
let program = "";
beforeAll(() => {
  if (NOT_RUN !== "") return;
  folder = mkdtempSync(join(tmpdir(), "lethe-snapshot-"));
  program = join(folder, "continue_twice");
  const source = `${ROOT}testing/whole/continue_twice.c`;
  const { status, stderr } = spawnSync("cc", ["-O", "-o", program, source], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
});
afterAll(() => {
  if (folder !== "") rmSync(folder, { recursive: true });
});

/** Both continuations of a program that stood ready in the middle of its work. */
function continueTwice(name: string, memory: string): readonly [Round, Round] {
  const probe = `${ROOT}testing/whole/snapshot_probe.ts`;
  const { stdout, stderr } = spawnSync(program, [...(RUNTIMES[name] ?? []), probe, memory], {
    encoding: "utf8",
    timeout: 50_000,
    killSignal: "SIGKILL",
    env: { ...process.env, NODE_NO_WARNINGS: "1", NODE_OPTIONS: "" },
  });
  const [one, other] = stdout.split("\n");
  if (!other) throw new Error(stderr);
  return [JSON.parse(one ?? ""), JSON.parse(other)];
}

describe.skipIf(NOT_RUN !== "")(`${NOT_RUN}an image of a process that is continued twice`, () => {
  it.each(ROWS.filter((row) => SOAK || DAILY.includes(row.join(" "))))(
    "%s, %s: neither nonces nor random secrets come twice, though the runtime's generator repeats itself",
    (name, memory) => {
      const [one, other] = continueTwice(name, memory);
      expect([one.memory, other.memory]).toEqual([memory, memory]);
      // Control: they are two continuations of one image, and this is what is not used.
      expect(one.web).toBe(other.web);
      expect(one.random).not.toBe(other.random);
      const ways = ["box", "channel", "custodian", "enclave", "encrypt", "file", "stream", "vault"];
      expect(Object.keys(one.nonces).sort()).toEqual(ways);
      for (const way of ways) {
        const [mine = [], theirs = []] = [one.nonces[way], other.nonces[way]];
        expect(mine.length).toBeGreaterThan(0);
        expect(theirs).toHaveLength(mine.length);
        for (const nonce of mine) expect(theirs, way).not.toContain(nonce);
      }
    },
  );
});
