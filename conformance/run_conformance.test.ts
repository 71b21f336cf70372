import { expect, test } from "vitest";
import { HeapMemory, LetheError, openSecrets } from "../core/mod.ts";
import { bindReport } from "./bind.ts";
import { CASES, FROM_INSIDE, FROM_OUTSIDE } from "./cases/mod.ts";
import { NotRun } from "./check.ts";
import type { ConformanceCase } from "./conformance_case.ts";
import { runConformance } from "./run_conformance.ts";

const memory = (): HeapMemory => new HeapMemory();

function one(id: string, more: Partial<ConformanceCase> = {}): ConformanceCase {
  return { id, title: `title of ${id}`, run: () => undefined, ...more };
}

test("without a target nothing that is seen from outside counts as passed", async () => {
  const { results, failed } = await runConformance({ memory });
  const outside = new Set(FROM_OUTSIDE.map(({ id }) => id));
  const outcomes = results.filter(({ id }) => outside.has(id)).map(({ outcome }) => outcome);
  expect(new Set(outcomes)).toEqual(new Set(["not run", "not given"]));
  expect(results.length).toBe(CASES.length);
  expect(failed).toEqual([]);
});

test("a memory that is not to be had gives a report in which nothing was run", async () => {
  const { results, notRun, guarantees } = await runConformance({
    memory() {
      throw new LetheError("ERR_LETHE_UNAVAILABLE", "Cannot open memory: not on this machine");
    },
  });
  expect(notRun.length).toBe(CASES.length);
  expect(results[0]?.reason).toContain("not on this machine");
  expect(guarantees).toBe(null);
});

test("a declared none is checked to be refused, and is no free pass", async () => {
  const lenient: typeof openSecrets = ({ require: _, ...options } = {}) => openSecrets(options);
  const locked = one("Z1", { guarantee: "locked" });
  const sound = await runConformance({ memory }, [locked]);
  expect(sound.results[0]?.outcome).toBe("not given");
  const unsound = await runConformance({ memory, openSecrets: lenient }, [locked]);
  expect(unsound.results[0]?.outcome).toBe("failed");
  const both = await runConformance({ memory, openSecrets: lenient }, [...FROM_INSIDE, locked]);
  expect(both.results.at(-1)?.reason).toContain("rests on G1");
});

test("a case is not run when what it rests on failed, and run when that was not run", async () => {
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

test("each runner is given a test for what was run, and a skipped one for the rest", async () => {
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
