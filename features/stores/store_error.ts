import { LetheError, type LetheErrorCode } from "../../core/mod.ts";

/** The codes of stores. */
export type StoreErrorCode = Extract<LetheErrorCode, `ERR_LETHE_STORE_${string}`>;

/** What was tried. */
export type StoreVerb = "read" | "write" | "remove" | "watch";

/**
 * An error of a store, for authors of stores: "Cannot VERB KEY in NAME: reason; remedy".
 *
 * @param reason what failed and its cause, then a semicolon and what the caller can do about it. It never throws
 *
 * @example
 * ```ts
 * import { storeError } from "lethe/stores";
 *
 * const reason = "its disk is full; free space there";
 * storeError("ERR_LETHE_STORE_FAILED", "write", "etcd", "db/password", reason).code;
 * ```
 */
export function storeError(
  code: StoreErrorCode,
  verb: StoreVerb,
  store: string,
  key: string,
  reason: string,
): LetheError {
  return new LetheError(code, `Cannot ${verb} ${printable(key)} in ${store}: ${reason}`);
}

/** What others wrote, in quotes, on one line and no longer than that: a message cannot steer a terminal. */
export function printable(text: string): string {
  const short = text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text;
  return JSON.stringify(short.replace(/[^\x20-\x7e]/g, "?"));
}

const LONGEST = 200;

/** The error of a write that found another revision. */
export function conflict(verb: StoreVerb, store: string, key: string): LetheError {
  return storeError(
    "ERR_LETHE_STORE_CONFLICT",
    verb,
    store,
    key,
    "somebody else changed it since it was read; read it again, then repeat the change",
  );
}
