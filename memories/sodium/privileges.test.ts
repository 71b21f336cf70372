import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { finished, program, ROOT, run, start } from "../../testing/memories/sodium/run.ts";
import { SOAK } from "../../testing/tier.ts";
import { parseMappings } from "./mappings.ts";

const NOBODY = 65_534;
const PARTS = ["core", "system", "memories", "engines", "features", "adapters", "testing"].concat(
  [
    "sodium-native",
    "require-addon",
    "bare-addon-resolve",
    "bare-module-resolve",
    "bare-semver",
    "which-runtime",
  ].map((name) => `node_modules/${name}`),
);

describe.skipIf(process.getuid?.() !== 0)("without privileges", () => {
  it.each(SOAK ? [0, 64] : [64])(
    "under ulimit -l %i no secret claims a lock that it has not",
    async (limit) => {
      const folder = `${await mkdtemp(`${tmpdir()}/lethe-`)}/`;
      try {
        // What another user can read: the checkout may not be.
        for (const part of PARTS) {
          await cp(`${ROOT}${part}`, `${folder}${part}`, { recursive: true });
        }
        const node = `${folder}node`;
        await cp(process.execPath, node);
        await run(["chmod", "-R", "a+rX", folder]);
        const bytes = limit * 1024;
        const child = start(
          ["prlimit", `--memlock=${bytes}:${bytes}`, node, program("claims", folder)],
          { uid: NOBODY, cwd: folder },
        );
        const line = await new Promise<string>((resolve, reject) => {
          child.stdout?.once("data", (text) => resolve(String(text)));
          child.once("close", reject);
          child.stderr?.once("data", (text) => reject(new Error(String(text))));
        });
        const { pid, claims, refusals } = JSON.parse(line);
        const locked = lockedByIndex(pid);
        child.stdin?.end();
        await finished(child);
        expect(locked.size).toBe(200);
        const claimed = claims.map(({ level, verified }: { level: string; verified: boolean }) => {
          return verified && level === "enforced";
        });
        expect(claimed).toEqual(claims.map((_: unknown, index: number) => locked.get(index)));
        expect(claimed.filter(Boolean).length).toBe(limit === 0 ? 0 : 16);
        expect(refusals.length).toBe(1);
        expect(refusals[0]).toMatch(/^ERR_LETHE_LOCK: .*ulimit -l.*LimitMEMLOCK.*--ulimit memlock/);
      } finally {
        await rm(folder, { recursive: true });
      }
    },
  );
});

/** Whether each numbered secret of `claims.ts` is locked, seen from this process. */
function lockedByIndex(pid: number): ReadonlyMap<number, boolean> {
  const found = new Map<number, boolean>();
  const memory = readFileSync(`/proc/${pid}/smaps`, "latin1");
  for (const { start, end, permissions, flags } of parseMappings([memory])) {
    if (permissions !== "---p" || end - start !== 4096 || !flags.has("dd")) continue;
    const secret = readMemory(pid, end - 32, 32);
    if (secret.subarray(0, 31).every((byte) => byte === 0xa5)) {
      found.set(secret[31] as number, flags.has("lo"));
    }
  }
  return found;
}

function readMemory(pid: number, address: number, byteLength: number): Uint8Array {
  const descriptor = openSync(`/proc/${pid}/mem`, "r");
  const bytes = new Uint8Array(byteLength);
  readSync(descriptor, bytes, 0, byteLength, address);
  closeSync(descriptor);
  return bytes;
}
