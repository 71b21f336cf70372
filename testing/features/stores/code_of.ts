import { LetheError } from "../../../core/mod.ts";

/** The code of Lethe's error with which a promise rejects; `null` for one that resolves; else the error as text. */
export async function codeOf(pending: Promise<unknown> | undefined): Promise<string> {
  const error = await pending?.then(
    () => null,
    (reason: unknown) => reason,
  );
  return error instanceof LetheError ? error.code : String(error);
}
