import { errorCode } from "./arguments/own.ts";
import { LetheError } from "./contract/errors.ts";

/** The code of an error as an event or a log may name it: that of a foreign one may hold anything. Null: it has none. */
export function publicCode(error: unknown): string | null {
  if (error instanceof LetheError) return error.code;
  const code = errorCode(error);
  return code !== undefined && /^[A-Z][A-Z0-9_]{0,63}$/.test(code) ? code : null;
}
