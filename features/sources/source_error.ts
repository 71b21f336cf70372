import { LetheError, type LetheErrorCode } from "../../core/mod.ts";

/** The codes of sources. */
export type SourceErrorCode = Extract<LetheErrorCode, `ERR_LETHE_SOURCE_${string}`>;

/**
 * An error of a source, for authors of sources: "Cannot read secret from NAME REFERENCE: reason; remedy".
 * Nothing of an answer belongs into `reason`, nor what another program wrote to its standard error.
 *
 * @param reason what failed and its cause, then a semicolon and what the caller can do about it. It never throws
 *
 * @example
 * ```ts
 * import { sourceError } from "lethe/sources";
 *
 * const error = sourceError(
 *   "ERR_LETHE_SOURCE_LOCKED",
 *   "vault",
 *   "db/password",
 *   "the vault is sealed; unseal it with vault operator unseal",
 * );
 * error.code; // "ERR_LETHE_SOURCE_LOCKED"
 * ```
 */
export function sourceError(
  code: SourceErrorCode,
  source: string,
  reference: string,
  reason: string,
): LetheError {
  return new LetheError(code, `Cannot read secret from ${source} ${quote(reference)}: ${reason}`);
}

/** In double quotes, on one line, and no longer than a line: a message cannot steer a terminal. */
export function quote(text: string): string {
  const short = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  return JSON.stringify(short).replace(
    /[\p{Control}\p{Format}\p{Line_Separator}\p{Paragraph_Separator}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

const LONGEST = 200;
