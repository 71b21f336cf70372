import { randomInt } from "node:crypto";
import type { Finding, ScanReport } from "../../conformance/mod.ts";
import { lookInto } from "../look_into.ts";
import type { InstalledRuntime } from "../runtimes.ts";
import { type Message, withProbe } from "../session.ts";
import { APPROACHES, type Approach } from "./approaches.ts";
import { CONTROL, needlesOf, typedControl, typedPassword } from "./password.ts";
import { type Range, readRanges } from "./ranges.ts";

/**
 * A moment in the password's life. `before`: every process is there; `ended`: in the same tick, or once
 * the custodian has answered; `later`: after turns and collections.
 */
export type Moment = "before" | "live" | "ended" | "later";
export const MOMENTS: readonly Moment[] = ["before", "live", "ended", "later"];

/** One scan of one process. */
export interface ResidueScan {
  readonly moment: Moment;
  /** 0: the program itself; 1 and on: the processes that it started. */
  readonly process: number;
  readonly findings: readonly Finding[];
  readonly ranges: readonly Range[];
  /** Memory that could not be read although it may hold secrets. */
  readonly hidden: readonly Range[];
}

/** What one approach left behind. */
export interface Residue {
  readonly approach: Approach;
  readonly runtime: string;
  /** The memory that Lethe took. */
  readonly memory: string | null;
  readonly scans: readonly ResidueScan[];
  /** Why it could not be looked at. */
  readonly failure: string | null;
}

/** Copies at a moment, in all processes of an approach. */
export function copiesAt(result: Residue, moment: Moment): number {
  return copiesByProcess(result, moment).reduce((sum, copies) => sum + copies, 0);
}

/** Copies at a moment in each process: the program itself first. */
export function copiesByProcess({ scans }: Residue, moment: Moment): readonly number[] {
  return scans.filter((scan) => scan.moment === moment).map(({ findings }) => findings.length);
}

/** While live it was seen nowhere, and there is memory that the kernel shows nobody. */
export function isHidden(result: Residue): boolean {
  const live = result.scans.filter(({ moment }) => moment === "live");
  return (
    result.approach.atRest === undefined &&
    copiesAt(result, "live") === 0 &&
    live.some(({ hidden }) => hidden.length > 0)
  );
}

/**
 * Runs every approach, and looks into its processes at each moment.
 *
 * @param say is told what is being done
 */
export async function surveyResidue(
  runtimes: readonly InstalledRuntime[],
  say: (what: string) => void,
): Promise<readonly Residue[]> {
  const results: Residue[] = [];
  const node = runtimes.filter(({ kind }) => kind === "node").at(0);
  for (const approach of APPROACHES) {
    const chosen = approach.everywhere ? runtimes : runtimes.filter((runtime) => runtime === node);
    for (const runtime of chosen) {
      say(`${runtime.title}: watching ${approach.title}`);
      results.push(await watch(approach, runtime));
    }
  }
  return results;
}

/** Looks at the four moments of one approach on one runtime. */
export function watch(approach: Approach, runtime: InstalledRuntime): Promise<Residue> {
  const seed = randomInt(2 ** 32);
  const probe = {
    program: "./residue/holder",
    parameters: [approach.id],
    flags: [...(COLLECT[runtime.kind] ?? []), ...(approach.flags ?? [])],
  };
  return withProbe(runtime, probe, async (session): Promise<Residue> => {
    const scans: ResidueScan[] = [];
    session.type(typedControl(seed));
    let message: Message | null = await session.next();
    const memory = (message?.["memory"] as string | null | undefined) ?? null;
    const about = { approach, runtime: runtime.title, memory };
    for (const moment of MOMENTS) {
      if (message?.step !== moment) {
        return { ...about, scans, failure: session.reason || "it ended" };
      }
      const helpers = message["helpers"] as readonly number[];
      for (const [process, pid] of [session.pid, ...helpers].entries()) {
        const report = lookInto(pid, needlesOf(seed), true);
        if (typeof report === "string") return { ...about, scans, failure: report };
        const scan: ResidueScan = { moment, process, ...seen(report), ranges: readRanges(pid) };
        // Every process holds the control: a look that sees nothing proves nothing.
        if (!report.findings.some(({ needle }) => needle === CONTROL)) {
          return { ...about, scans, failure: `the control was not seen in process ${process}` };
        }
        scans.push(scan);
      }
      if (moment === "later") break;
      const answer = session.step();
      if (moment === "before") session.type(typedPassword(seed));
      message = await answer;
    }
    return { ...about, scans, failure: null };
  });
}

const COLLECT: Readonly<Record<string, readonly string[]>> = {
  node: ["--expose-gc", "--no-warnings"],
  deno: ["--v8-flags=--expose-gc"],
};

function seen(report: ScanReport): Pick<ResidueScan, "findings" | "hidden"> {
  const hidden = report.unreadable
    .filter(({ reason }) => reason === "secret-memory")
    .map(({ mapping: { start, end } }) => ({ start, end, kind: "hidden" as const }));
  return { findings: report.findings.filter(({ needle }) => needle !== CONTROL), hidden };
}
