/**
 * The conformance suite: every requirement of SPEC.md, to be run against any memory.
 *
 * @module
 */

export { bindReport, type TestFunction } from "./bind.ts";
export { CASES, FROM_INSIDE, FROM_OUTSIDE } from "./cases/mod.ts";
export { CheckError, NotRun } from "./check.ts";
export type { ConformanceCase, Trial } from "./conformance_case.ts";
export { describeReport } from "./describe_report.ts";
export * from "./forensics/mod.ts";
export {
  findSubject,
  type ListOptions,
  listSubjects,
  type RuntimeEntry,
} from "./list_subjects.ts";
export type { CaseResult, Outcome, Report } from "./report.ts";
export { runConformance } from "./run_conformance.ts";
export {
  runSourceConformance,
  type SourceCaseResult,
  type SourceReport,
} from "./sources/run_source_conformance.ts";
export type { SourceSubject } from "./sources/source_subject.ts";
export type { ServedSubject, Subject } from "./subject.ts";
export type { OperationName } from "./target/operations.ts";
export { programTarget, selfCommand } from "./target/program_target.ts";
export type {
  TargetEnding,
  TargetExhausted,
  TargetHeld,
  TargetHello,
  TargetMisdeed,
  TargetReplies,
  TargetRequest,
  Way,
} from "./target/requests.ts";
export { serveTarget } from "./target/serve_target.ts";
export {
  type Fate,
  type Inherited,
  type Signal,
  type Target,
  TargetError,
  type TargetProgram,
} from "./target/target.ts";
export type { Executed, Forked, Tracer } from "./tracer/tracer.ts";
