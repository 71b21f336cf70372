import { errorCode, optional } from "../core/arguments/own.ts";

/**
 * Why `fetch` had no answer, for the end of a message: ` (CERT_HAS_EXPIRED)`, by the code of its error or of the cause
 * of that; nothing where the runtime gives none, as Deno. What has not the form of such a code is not quoted, and no
 * message is: they may hold an address or a header.
 */
export function requestCode(error: unknown): string {
  const isObject = typeof error === "object" && error !== null;
  const cause = isObject ? optional(error as { readonly cause?: unknown }, "cause") : undefined;
  const code = errorCode(cause) ?? errorCode(error) ?? "";
  return CODE.test(code) ? ` (${code})` : "";
}

const CODE = /^(?:E[A-Z]{2,15}|[A-Z]{2,12}(?:_[A-Z0-9]{1,16}){1,7})$/;
