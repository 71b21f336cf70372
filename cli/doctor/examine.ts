import { derivedNeedle, type Finding } from "../../conformance/mod.ts";
import type { Guarantees, PassedOver } from "../../core/mod.ts";
import { lookInto } from "../look_into.ts";
import type { InstalledRuntime } from "../runtimes.ts";
import { type Message, type Probe, type ProbeSession, withProbe } from "../session.ts";
import { controlSeed, SECRET_BYTES } from "./needles.ts";
import { type Judgement, judge, type ProbeScan, place, summarize } from "./verdict.ts";

/** A moment in a secret's life, and what the scanner saw then. */
export interface Step {
  readonly name: "born" | "used" | "destroyed";
  readonly holds: boolean;
  readonly evidence: string;
}

/** What doctor found out about one memory on one runtime. */
export interface Examination {
  readonly runtime: string;
  readonly memory: string;
  /** Why the memory cannot be had here, or why it could not be examined. */
  readonly unavailable: string | null;
  /** True when the examination itself broke off, which counts as a failure. */
  readonly broken: boolean;
  /** Why the process could not be looked into from outside; null when it was. */
  readonly blind: string | null;
  readonly guarantees: readonly Judgement[];
  readonly steps: readonly Step[];
}

/** What `openSecrets()` takes in a runtime, and what it passed over for that. */
export interface Automatic {
  readonly memory: string;
  readonly passedOver: readonly PassedOver[];
}

/** What a runtime says that it offers. */
export interface MemoryList {
  /** The strongest first. */
  readonly memories: readonly string[];
  readonly automatic: Automatic | null;
  /** Why there is none, which is then a failure. */
  readonly failure: string | null;
}

export async function listMemories(runtime: InstalledRuntime): Promise<MemoryList> {
  return await withProbe(runtime, probe("list"), async (session) => {
    const message = await session.next();
    const listed = message?.["memories"];
    if (Array.isArray(listed) && listed.length > 0) {
      const automatic = (message?.["automatic"] as Automatic | undefined) ?? null;
      return { memories: listed.map(String), automatic, failure: null };
    }
    await session.end();
    return { memories: [], automatic: null, failure: brokeOff(session, message) };
  });
}

/** Starts the runtime, lets a secret live and die in `memory`, and looks in from outside. */
export function examine(runtime: InstalledRuntime, memory: string): Promise<Examination> {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0] as number;
  return withProbe(runtime, probe("hold", memory, String(seed)), (session) =>
    watch(session, { runtime: runtime.title, memory }, seed),
  );
}

function probe(...parameters: readonly string[]): Probe {
  return { program: "./doctor/probe", parameters };
}

async function watch(
  session: ProbeSession,
  subject: Pick<Examination, "runtime" | "memory">,
  seed: number,
): Promise<Examination> {
  const about = { ...subject, guarantees: [], steps: [], blind: null };
  const scanNow = (): ProbeScan | string => lookIn(session.pid, seed);

  const born = await session.next();
  if (born?.step === "unavailable") {
    return { ...about, unavailable: String(born["reason"]), broken: false };
  }
  if (born?.step !== "live")
    return { ...about, unavailable: brokeOff(session, born), broken: true };
  const live = scanNow();
  const used = await session.step();
  const destroyed = await session.step();
  if (destroyed?.step !== "destroyed") {
    return { ...about, unavailable: brokeOff(session, destroyed), broken: true };
  }
  const after = scanNow();
  const damaged = await session.step();
  const touched = await touch(session);

  const claims = born["guarantees"] as Guarantees;
  const underrun = typeof damaged?.["code"] === "string" ? damaged["code"] : null;
  const blind = [live, after].find((scan) => typeof scan === "string") ?? null;
  const seen =
    typeof live === "string" || typeof after === "string"
      ? null
      : { live, after, touched, underrun };
  return {
    ...about,
    unavailable: null,
    broken: false,
    blind,
    guarantees: judge(claims, seen),
    steps: [
      ...(seen === null ? [] : [checkLive(seen.live, claims)]),
      { name: "used", holds: used?.["correct"] === true, evidence: "read back inside expose" },
      ...(seen === null ? [] : [checkDestroyed(seen.after)]),
    ],
  };
}

/** Scans the probe for its secret and for the control, or says why there is no way to scan it. */
function lookIn(pid: number, seed: number): ProbeScan | string {
  const result = lookInto(pid, [
    derivedNeedle(seed, SECRET_BYTES, "secret"),
    derivedNeedle(controlSeed(seed), SECRET_BYTES, "control"),
  ]);
  if (typeof result === "string") return result;
  const of = (label: string): readonly Finding[] =>
    result.findings.filter(({ needle }) => needle === label);
  return { report: result, secret: of("secret"), control: of("control") };
}

/** A live secret has to be seen, or the scan proves nothing later; a hidden one must not be. */
function checkLive({ secret, control }: ProbeScan, claims: Guarantees): Step {
  const hidden = claims.hidden.level === "enforced";
  const places = secret.map((finding) => `, ${place(finding)}`).join("");
  return {
    name: "born",
    holds: control.length > 0 && secret.length === (hidden ? 0 : 1),
    evidence: `${secret.length} found${places}${hidden ? `, the control beside it ${control.length}` : ""}`,
  };
}

function checkDestroyed(after: ProbeScan): Step {
  const { secret, control } = after;
  return {
    name: "destroyed",
    holds: secret.length === 0 && control.length > 0,
    evidence: summarize(after),
  };
}

/** Reads on while the probe touches its closed pages. `null`: it survived. */
async function touch(session: ProbeSession): Promise<string | null> {
  let message = await session.next();
  while (message !== null && message.step !== "survived") message = await session.next();
  const end = await session.end();
  return message === null ? String(end) : null;
}

function brokeOff(session: ProbeSession, message: Message | null): string {
  return `the probe broke off${message?.step === undefined ? "" : ` at ${message.step}`}: ${session.reason || "it said nothing"}`;
}
