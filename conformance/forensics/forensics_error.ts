import type { Finding } from "./report.ts";

/** The stable reasons for which a {@link ForensicsError} is raised. */
export type ForensicsErrorCode =
  /** There is no such process, it ended during the scan, or it has no memory (a zombie, a kernel thread). */
  | "ERR_FORENSICS_GONE"
  /** The system does not let this process look into that one; the message names the remedy. */
  | "ERR_FORENSICS_DENIED"
  /** The file cannot be read, or is not what it should be. */
  | "ERR_FORENSICS_FILE"
  /** The process could not be stopped for the scan. */
  | "ERR_FORENSICS_PAUSE"
  /** This system cannot be scanned, where a verdict was demanded. */
  | "ERR_FORENSICS_UNSUPPORTED"
  /** The scan could not see what it must: no verdict is possible. */
  | "ERR_FORENSICS_BLIND"
  /** Residue was found where none was allowed. */
  | "ERR_FORENSICS_RESIDUE";

/**
 * Why a scan gave no report, or what it found where nothing was allowed.
 *
 * A wrong argument is a plain `TypeError` or `RangeError` instead. No message and no property holds
 * secret bytes or other content of the target, so it is safe to log. It never carries a `cause`.
 */
export class ForensicsError extends Error {
  /** Always `ForensicsError`. */
  override readonly name = "ForensicsError";
  /** Stable: programs may compare it. The message may change. */
  readonly code: ForensicsErrorCode;
  /** The residue, for `ERR_FORENSICS_RESIDUE`; else empty. */
  readonly findings: readonly Finding[];

  /**
   * Makes an error of this code.
   *
   * @param findings the residue, where there is some
   */
  constructor(code: ForensicsErrorCode, message: string, findings: readonly Finding[] = []) {
    super(message);
    this.code = code;
    this.findings = findings;
  }
}

/** The `code` of an error by the operating system (`EACCES`), or its message where it has none. */
export function systemCode(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string")
    return error.code;
  return error instanceof Error ? error.message : String(error);
}
