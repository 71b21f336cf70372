import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { RUNTIMES, TargetProcess } from "../../testing/features/enclave/target_process.ts";
import { SOAK } from "../../testing/tier.ts";

const asRoot = process.platform === "linux" && process.getuid?.() === 0;
/** All 100,000 in `npm run soak`. */
const COUNT = SOAK ? 100_000 : 3000;
const CALLERS = 16;

/** Another user can run the target only where each folder above it lets others through. */
const reachable = foldersAbove(fileURLToPath(import.meta.url)).every(
  (path) => (statSync(path).mode & 1) === 1,
);
const UNPRIVILEGED = [
  ...["bash", "-c", 'ulimit -c 0 -l 64; exec "$@"', "bash", "setpriv"],
  ...(reachable
    ? ["--reuid=65534", "--regid=65534", "--clear-groups"]
    : ["--bounding-set=-ipc_lock", "--inh-caps=-ipc_lock"]),
];

function foldersAbove(path: string): readonly string[] {
  const folder = dirname(path);
  return folder === path ? [] : [folder, ...foldersAbove(folder)];
}

let target: TargetProcess | undefined;
afterEach(() => target?.end());

/**
 * How many callers hold a scope open across turns of the event loop. With secretmem each such scope is
 * a page of the 16 that may be locked, and none is ever unlocked instead: two are the session key's,
 * two stay idle for the next scope, one is for a secret that is opened meanwhile.
 */
const CASES = [
  ["node-24", "sodium", CALLERS],
  ["node-22", "secretmem", 10],
  ["node-24", "secretmem", 10],
  ["node-26", "secretmem", 10],
  ["deno", "secretmem", 10],
  ["bun", "secretmem", 10],
  ["deno", "pages", CALLERS],
] as const;
const chosen = CASES.filter(
  ([runtime, memory]) => SOAK || (memory === "secretmem" && /^(node-24|bun)$/.test(runtime)),
);

describe.skipIf(!asRoot).each(chosen)(
  `unprivileged, 64 KiB to lock, ${COUNT} enclaves: %s, %s`,
  (runtime, memory, holders) => {
    it.skipIf(!existsSync(RUNTIMES[runtime]?.[0] ?? ""))(
      `${CALLERS} concurrent callers open them all, ${holders} holding on`,
      async () => {
        target = await TargetProcess.start(runtime, memory, UNPRIVILEGED);
        const result = await target.run(`crowd ${COUNT} ${CALLERS} ${holders}`);
        expect(result).toMatchObject({ live: COUNT, failures: 0, first: null });
        expect((result as { most: number }).most).toBeGreaterThan(1);
      },
      300_000,
    );
  },
);
