import type { Needle } from "../forensics/needle.ts";
import type { Finding, Mapping, ScanReport } from "../forensics/report.ts";
import type { Tracer } from "../tracer/tracer.ts";
import type { TargetHello, TargetReplies, TargetRequest, Way } from "./requests.ts";

/** How to start a process that serves the subject: see {@link serveTarget}. */
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
  /** Asks for what should kill the target, and waits for its end. */
  fate(request: TargetRequest): Promise<Fate>;
  /** Ends it by a signal, from outside. */
  kill(signal: Signal): Promise<Fate>;
  /** Waits for an end that was brought about otherwise. */
  end?(): Promise<Fate>;
  /** Lets it act by its own instructions, where that can be done to it. */
  readonly tracer?: Tracer;
  /** Looks for copies of needles in every encoding, while the target stands still. */
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
  /** Kills a process that holds secrets for the target. */
  killHolder?(pid: number): void;
  /** The mappings of the target. */
  mappings(): Promise<readonly Mapping[]>;
  /** Bytes of the target that are in RAM. */
  residentBytes(): Promise<number>;
  /** What it wrote to standard error so far. */
  complaints(): Promise<string>;
  /** Ends the target. */
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
