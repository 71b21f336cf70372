import type { Needle } from "../forensics/needle.ts";
import type { Mapping, ScanReport } from "../forensics/report.ts";
import type { Hello, Replies, Request } from "./requests.ts";

/** How to start a process that serves the subject: see {@link serveTarget}. */
export interface TargetProgram {
  /** @param options.core lets the process write a core file when it dies */
  start(options?: { readonly core?: boolean }): Promise<Target>;
}

/**
 * A process that holds secrets, seen from another one. The cases know no more of it than this, so
 * that it can be anything that can be asked and looked into.
 */
export interface Target {
  readonly hello: Hello;
  /** @throws {TargetError} when the target answers with an error, or dies */
  ask<R extends Request>(request: R): Promise<Replies[R["do"]]>;
  /** Asks for what should kill the target, and waits for its end. */
  fate(request: Request): Promise<Fate>;
  /** Ends it by a signal, from outside. */
  kill(signal: "SIGABRT"): Promise<Fate>;
  /** Looks for copies of needles in every encoding, while the target stands still. */
  scan(needles: readonly Needle[]): Promise<ScanReport>;
  /** @throws {NotRun} when the machine keeps core files where they cannot be read */
  scanCore(needles: readonly Needle[]): Promise<ScanReport>;
  mappings(): Promise<readonly Mapping[]>;
  /** Bytes of the target that are in RAM. */
  residentBytes(): Promise<number>;
  /** What it wrote to standard error so far. */
  complaints(): Promise<string>;
  close(): Promise<void>;
}

/** How a target ended. */
export interface Fate {
  /** Its answer, when it lived on to give one. */
  readonly answer: string | null;
  readonly signal: string | null;
  readonly code: number | null;
  readonly complaints: string;
}

/** The target answered with an error, died, or did not answer in time. */
export class TargetError extends Error {
  override readonly name = "TargetError";
}
