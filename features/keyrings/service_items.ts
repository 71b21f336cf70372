import { wrongKind, wrongType } from "../../core/arguments/argument_error.ts";
import type { LetheError } from "../../core/mod.ts";
import { sourceError } from "../sources/mod.ts";

/** The name of the source in errors. */
export const SECRET_SERVICE = "secret-service";

export function unavailable(reference: string, because: string): LetheError {
  return sourceError("ERR_LETHE_SOURCE_UNAVAILABLE", SECRET_SERVICE, reference, because);
}

export function missing(reference: string, because = "no item has these attributes"): LetheError {
  return sourceError(
    "ERR_LETHE_SOURCE_MISSING",
    SECRET_SERVICE,
    reference,
    `${because}; secret-tool search shows what there is`,
  );
}

export function locked(reference: string): LetheError {
  return sourceError(
    "ERR_LETHE_SOURCE_LOCKED",
    SECRET_SERVICE,
    reference,
    "its keyring is locked; unlock it, as by logging in or with a keyring manager",
  );
}

/** @throws {TypeError} for what names no attributes */
export function attributesOf(reference: unknown): ReadonlyMap<string, string> {
  if (typeof reference !== "string") {
    throw wrongKind(`Cannot name item as reference must be a string`, reference);
  }
  const attributes = new Map(new URLSearchParams(reference));
  const texts = [...attributes].flat();
  const isGood =
    reference.isWellFormed() &&
    attributes.size > 0 &&
    !attributes.has("") &&
    !texts.some((text) => text.includes("\0"));
  if (isGood) return attributes;
  throw wrongType(
    "Cannot name item as reference must name attributes as a query does: service=example.org&user=me",
  );
}
