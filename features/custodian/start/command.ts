import type { CustodianReport } from "../report.ts";

/** A command line that starts the program of a custodian. */
export interface CustodianCommand {
  /** By its whole path: no search path is asked. */
  readonly file: string;
  readonly parameters: readonly string[];
  /** The runtime among these words, for errors. Default: `file`. */
  readonly runtime?: string;
  /** What a runtime needs in its environment beside what every custodian gets. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Completes the report with what the start alone knows. Default: the report as it came. */
  complete?(report: CustodianReport): CustodianReport;
}
