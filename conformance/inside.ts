/**
 * The conformance suite where there is no other process: in browsers and in workerd `lethe/conformance`
 * is this. Requirements that are seen from outside are not run, and say so, unless the subject brings a
 * target of its own. {@link TargetSession} answers for such a target inside the page or worker.
 *
 * @module
 */
export { bindReport, type TestFunction } from "./bind.ts";
export { CASES, FROM_INSIDE, FROM_OUTSIDE } from "./cases/mod.ts";
export { CheckError, NotRun } from "./check.ts";
export type { ConformanceCase, Trial } from "./conformance_case.ts";
export { describeReport } from "./describe_report.ts";
export type { CaseResult, Outcome, Report } from "./report.ts";
export { runConformance } from "./run_conformance.ts";
export {
  runSourceConformance,
  type SourceCaseResult,
  type SourceReport,
} from "./sources/run_source_conformance.ts";
export type { SourceSubject } from "./sources/source_subject.ts";
export type { ServedSubject, Subject } from "./subject.ts";
export { TargetSession } from "./target/session.ts";
