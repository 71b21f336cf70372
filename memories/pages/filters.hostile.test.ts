import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT, RUNTIMES, SOAK } from "../../testing/features/prompt/pty.ts";
import {
  compileFilter,
  type Filter,
  live,
  NO_FILTER,
  SUBJECTS,
} from "../../testing/memories/pages/hostile.ts";

/** Each call that memories make and runtimes can do without, as far as a filter can tell them apart. */
const REFUSED: readonly (readonly [errno: string, calls: string])[] = [
  ["1", "memfd_secret"],
  ["38", "memfd_secret"],
  ["24", "memfd_secret"],
  ["1", "ftruncate"],
  ["11", "mmap:3=0x11"],
  ["12", "mmap:3=0x11"],
  ["1", "mmap:3=0x100022"],
  ["1", "mlock"],
  ["12", "mlock"],
  ["1", "mlock,memfd_secret"],
  ["22", "madvise:2=16"],
  ["1", "madvise:2=10"],
  ["22", "madvise:2=10,madvise:2=18"],
  ["1", "prlimit64:1=8"],
  ["1", "wait4,memfd_secret"],
  ["1", "clone,wait4"],
  ["1", "openat2,renameat2,pidfd_open,statx"],
];
const KILLED: readonly (readonly [action: string, calls: string])[] = [
  ["kill", "memfd_secret"],
  ["kill", "ftruncate"],
  ["kill", "mlock"],
  ["kill", "mlock,memfd_secret"],
  ["kill", "mlock2,openat2,renameat2,pidfd_open"],
];

/** Deno keeps its caches in databases, whose files it cuts, or not, as other processes of it have them open. */
const WITHOUT_CACHES = ["/usr/bin/env", "DENO_DIR=/dev/null/none"];

const NOTHING = `${ROOT}testing/memories/pages/nothing.ts`;

/** For `npm test`: what a systemd unit with SystemCallFilter=@system-service comes to. */
const REPRESENTATIVE = "bun auto";

let filter: Filter;
beforeAll(() => {
  if (NO_FILTER === "") filter = compileFilter();
});
afterAll(() => filter?.remove());

const CASES = [...REFUSED, ...KILLED]
  .flatMap(([action, calls]) =>
    SUBJECTS.map(([runtime, memory]) => ({ action, calls, runtime, memory })),
  )
  .filter(
    ({ action, calls, runtime, memory }) =>
      SOAK || `${runtime} ${memory} ${action} ${calls}` === `${REPRESENTATIVE} kill memfd_secret`,
  );

describe.skipIf(NO_FILTER !== "")(`${NO_FILTER}a filter of system calls`, () => {
  it.for(CASES)(
    "$action $calls: $runtime with $memory goes on, or says what it lacks",
    async ({ action, calls, runtime, memory }, { skip }) => {
      const around = [...WITHOUT_CACHES, ...filter.around(action, calls)];
      const [file = "", ...rest] = [...around, ...(RUNTIMES[runtime] ?? []), NOTHING];
      if (spawnSync(file, rest).status !== 0)
        skip(`${runtime} itself does not run under this filter`);
      const life = await live(around, runtime, memory);
      expect([life.code, life.signal, life.stderr]).toEqual([0, null, ""]);
      expect(life.residue).toBe(0);
      expect(life.steps["open"]).toMatch(/^(ok|ERR_LETHE_UNAVAILABLE)$/);
      if (memory === "auto") expect(life.steps["open"]).toBe("ok");
      expect(life.reasons).not.toMatch(/errno \d/);
      if (action === "1" || action === "kill") expect(life.reasons).not.toMatch(/ulimit/);
      if (calls.includes("memfd_secret") && action !== "24" && life.memory !== "sodium") {
        const asked = memory === "secretmem" || (memory === "auto" && life.memory === "pages");
        if (asked) expect(life.reasons).toMatch(/SystemCallFilter=@system-service memfd_secret/);
      }
      if (calls.includes("mlock") && life.memory === "pages" && !calls.includes("mlock2")) {
        expect(life.locked).toBe("none");
      }
      if (calls === "mlock" && life.memory === "sodium") {
        expect(life.reasons).toMatch(/mlock failed; a filter .* may refuse it; allow mlock/);
      }
    },
  );

  it.skipIf(!SOAK).each(["kill", "1"])(
    "%s wait4: memories that it cannot be tried for are taken by name only (in the soak)",
    async (action) => {
      const around = [...WITHOUT_CACHES, ...filter.around(action, "wait4")];
      for (const runtime of ["deno", "bun"]) {
        const auto = await live(around, runtime, "auto");
        expect([auto.code, auto.memory, auto.locked]).toEqual([0, "pages", "none"]);
        expect(auto.reasons).toMatch(
          /memfd_secret could not be tried: .*ask for the memory by name/,
        );
        const named = await live(around, runtime, "secretmem");
        expect([named.code, named.memory, named.locked]).toEqual([0, "secretmem", "enforced"]);
      }
    },
  );
});
