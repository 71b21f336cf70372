import type { Needle } from "../forensics/needle.ts";
import type { Finding, Mapping, ScanReport } from "../forensics/report.ts";
import type { Tracer } from "../tracer/tracer.ts";
import type { TargetHello, TargetReplies, TargetRequest, Way } from "./requests.ts";

/**
 * How to start a process that serves the subject: see {@link serveTarget}.
 *
 * @example
 * ```ts
 * import { programTarget, selfCommand, type TargetProgram } from "lethe/conformance";
 *
 * const command = selfCommand(new URL("./target.ts", import.meta.url));
 * const program: TargetProgram = programTarget(command);
 * export const start = () => program.start({ core: true }); // when the suite asks for it
 * ```
 */
export interface TargetProgram {
  /**
   * Starts the process, and waits until it answers.
   *
   * @param options `core` lets the process write a core file when it dies
   * @throws {TargetError} when it does not start
   */
  start(options?: { readonly core?: boolean }): Promise<Target>;
}

/**
 * A process that holds secrets, seen from another one. The cases know no more of it than this, so
 * that it can be anything that can be asked and looked into.
 *
 * @example
 * ```ts
 * import { derivedNeedle, type Target } from "lethe/conformance";
 *
 * export async function examine(target: Target): Promise<void> {
 *   const needles = [derivedNeedle(7, 32)];
 *   await target.ask({ do: "hold", operation: "random", seed: 7, byteLength: 32 });
 *   const { findings } = await target.scan(needles);
 *   const [at] = await target.mappings();
 *   if (at !== undefined) await target.tracer?.peek(at.start, 1);
 *   console.log(findings.length, await target.residentBytes(), await target.complaints());
 *   await target.scanLiveCore?.(needles);
 *   await target.scanInherited?.(needles);
 *   await target.scanAtExit?.("return", needles);
 *   target.killHolder?.(target.hello.pid);
 *   await target.fate({ do: "commit", misdeed: "use after destroy" });
 *   await target.kill("SIGABRT");
 *   await target.end?.();
 *   await target.scanCore(needles);
 *   await target.close();
 * }
 * ```
 */
export interface Target {
  /** What the target said of itself when it started. */
  readonly hello: TargetHello;
  /**
   * Makes one request, and waits for the reply.
   *
   * @throws {TargetError} when the target answers with an error, or dies
   */
  ask<R extends TargetRequest>(request: R): Promise<TargetReplies[R["do"]]>;
  /**
   * Asks for what should kill the target, and waits for its end.
   *
   * @throws {TargetError} when it does not answer in time
   */
  fate(request: TargetRequest): Promise<Fate>;
  /**
   * Ends it by a signal, from outside.
   *
   * @throws {TargetError} when it does not end in time
   */
  kill(signal: Signal): Promise<Fate>;
  /**
   * Waits for an end that was brought about otherwise.
   *
   * @throws {TargetError} when it does not end in time
   */
  end?(): Promise<Fate>;
  /** Lets it act by its own instructions, where that can be done to it. */
  readonly tracer?: Tracer;
  /**
   * Looks for copies of needles in every encoding, while the target stands still.
   *
   * @throws {ForensicsError} as `scanProcess`
   */
  scan(needles: readonly Needle[]): Promise<ScanReport>;
  /**
   * Scans the core file that the target left when it died.
   *
   * @throws {NotRun} when the machine keeps core files where they cannot be read
   */
  scanCore(needles: readonly Needle[]): Promise<ScanReport>;
  /** Looks into the core file that gcore(1) makes of the live process. @throws {NotRun} */
  scanLiveCore?(needles: readonly Needle[]): Promise<ScanReport>;
  /** Looks through what a program inherits that the target starts. @throws {NotRun} */
  scanInherited?(needles: readonly Needle[]): Promise<Inherited>;
  /** Ends it in that way, and looks when its last instruction is done. @throws {NotRun} */
  scanAtExit?(way: Way, needles: readonly Needle[]): Promise<ScanReport>;
  /**
   * Kills a process that holds secrets for the target.
   *
   * @param pid one of those that the reply to `holders` names; it never throws
   */
  killHolder?(pid: number): void;
  /**
   * The mappings of the target.
   *
   * @throws {ForensicsError} when they cannot be read
   */
  mappings(): Promise<readonly Mapping[]>;
  /**
   * Bytes of the target that are in RAM.
   *
   * @throws {ForensicsError} when that cannot be read
   */
  residentBytes(): Promise<number>;
  /** What it wrote to standard error so far. It never throws. */
  complaints(): Promise<string>;
  /**
   * Ends the target.
   *
   * @throws nothing, also where it has ended
   */
  close(): Promise<void>;
}

/** What a started program was given of the process that started it. */
export interface Inherited {
  /** Whether a descriptor is there that was made to be. */
  readonly control: boolean;
  /** What each leads to, as `/proc/PID/fd` names it. */
  readonly descriptors: readonly string[];
  /** Residue in the files that they lead to. */
  readonly findings: readonly Finding[];
}

/** What ends a process from outside. */
export type Signal = "SIGABRT" | "SIGTERM" | "SIGINT" | "SIGHUP";

/** How a target ended. */
export interface Fate {
  /** Its answer, when it lived on to give one. */
  readonly answer: string | null;
  /** The signal that ended it; null when it exited. */
  readonly signal: string | null;
  /** Its exit status; null when a signal ended it. */
  readonly code: number | null;
  /** What it wrote to standard error. */
  readonly complaints: string;
}

/** The target answered with an error, died, or did not answer in time. */
export class TargetError extends Error {
  /** Always `TargetError`. */
  override readonly name = "TargetError";
}
