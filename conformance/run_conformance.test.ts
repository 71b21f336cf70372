import { expect, it } from "vitest";
import { LetheError, type SecretMemory } from "../core/mod.ts";
import { HeapMemory, openSecrets } from "../memories/heap/mod.ts";
import { bindReport } from "./bind.ts";
import { CASES, FROM_INSIDE, FROM_OUTSIDE } from "./cases/mod.ts";
import { NotRun, same } from "./check.ts";
import type { ConformanceCase } from "./conformance_case.ts";
import { runConformance } from "./run_conformance.ts";

const memory = (): HeapMemory => new HeapMemory();

function one(id: string, more: Partial<ConformanceCase> = {}): ConformanceCase {
  return { id, title: `title of ${id}`, run: () => undefined, ...more };
}

it("without a target nothing that is seen from outside counts as passed", async () => {
  const { results, failed } = await runConformance({ memory });
  const outside = new Set(FROM_OUTSIDE.map(({ id }) => id));
  const outcomes = results.filter(({ id }) => outside.has(id)).map(({ outcome }) => outcome);
  expect(new Set(outcomes)).toEqual(new Set(["not run", "not given"]));
  expect(results.length).toBe(CASES.length);
  expect(failed).toEqual([]);
});

it("a memory that is not to be had gives a report in which nothing was run", async () => {
  const { results, notRun, guarantees } = await runConformance({
    memory() {
      throw new LetheError("ERR_LETHE_UNAVAILABLE", "Cannot open memory: not on this machine");
    },
  });
  expect(notRun.length).toBe(CASES.length);
  expect(results[0]?.reason).toContain("not on this machine");
  expect(guarantees).toBe(null);
});

it("a declared none is checked to be refused, and is no free pass", async () => {
  const lenient: typeof openSecrets = ({ require: _, ...options } = {}) => openSecrets(options);
  const locked = one("Z1", { guarantee: "locked" });
  const sound = await runConformance({ memory }, [locked]);
  expect(sound.results[0]?.outcome).toBe("not given");
  const unsound = await runConformance({ memory, openSecrets: lenient }, [locked]);
  expect(unsound.results[0]?.outcome).toBe("failed");
  const both = await runConformance({ memory, openSecrets: lenient }, [...FROM_INSIDE, locked]);
  expect(both.results.at(-1)?.reason).toContain("rests on G1");
});

it("a memory without an optional method is not held to it, and one with it is", async () => {
  const swept = one("Z1", { method: "sweep" });
  const without = await runConformance({ memory }, [swept]);
  expect(without.results[0]).toMatchObject({
    outcome: "not given",
    reason: "the memory has no sweep, which is optional",
  });
  const own = (): SecretMemory => Object.assign(memory(), { sweep: () => undefined });
  const held = await runConformance({ memory: own }, [swept]);
  expect(held.results[0]?.outcome).toBe("passed");
});

it("what passed says what was checked, and two runs at once say nothing of each other", async () => {
  const { results } = await runConformance({ memory }, FROM_INSIDE);
  const passed = results.filter(({ outcome }) => outcome === "passed");
  expect(passed.filter(({ evidence }) => evidence.length === 0)).toEqual([]);
  const zeros = results.find(({ id }) => id === "M1");
  expect(zeros?.evidence[0]).toMatch(
    /^52 checks held: a new region of 1 bytes is zero, 1 bytes read;/,
  );

  const { promise, resolve } = Promise.withResolvers<void>();
  const checking = (id: string, between: () => unknown): ConformanceCase =>
    one(id, {
      async run() {
        same(1, 1, `number of ${id}`);
        await between();
        same(1, 1, `number of ${id} later`);
      },
    });
  const told = async (each: ConformanceCase): Promise<readonly string[] | undefined> =>
    (await runConformance({ memory }, [each])).results[0]?.evidence;
  expect(await told(checking("Z1", () => undefined))).toEqual([
    "2 checks held: number of Z1 is 1; number of Z1 later is 1",
  ]);
  // The second begins and ends while the first waits.
  const outer = told(checking("Z2", () => promise));
  expect(await told(checking("Z3", () => undefined))).toEqual([]);
  resolve();
  expect(await outer).toEqual([]);
});

it("a case is not run when what it rests on failed, and run when that was not run", async () => {
  const { results } = await runConformance({ memory }, [
    one("Z1", {
      run() {
        throw new Error("broken");
      },
    }),
    one("Z2", {
      run() {
        throw new NotRun("no way to tell");
      },
    }),
    one("Z3", { rests: ["Z1"] }),
    one("Z4", { rests: ["Z2"] }),
  ]);
  expect(results.map(({ outcome }) => outcome)).toEqual(["failed", "not run", "not run", "passed"]);
});

it("each runner is given a test for what was run, and a skipped one for the rest", async () => {
  const report = await runConformance({ memory }, [
    one("Z1"),
    one("Z2", {
      run() {
        throw new Error("broken");
      },
    }),
    one("Z3", { needs: "target" }),
  ]);
  for (const skip of ["skip", "ignore"] as const) {
    const ran = new Map<string, () => void>();
    const skipped: string[] = [];
    const runner = (name: string, body: () => void): unknown => ran.set(name, body);
    bindReport(report, Object.assign(runner, { [skip]: (name: string) => skipped.push(name) }));
    const [first, second] = [...ran.values()];
    expect(first).not.toThrow();
    expect(second).toThrow("Z2: broken");
    expect(skipped.join()).toContain("names no target");
  }
});
