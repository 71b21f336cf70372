import { isArgumentError } from "../../../core/arguments/argument_error.ts";
import { LetheError } from "../../../core/mod.ts";
import { TextEncoder } from "../../../system/node_builtins.ts";
import { FIELD_BY_NAME, type Fields } from "../protocol/fields.ts";

/** What the application is told. Another library's words are not: they may quote what it was given. */
export function refusalOf(error: unknown): Fields {
  if (error instanceof LetheError) return { code: error.code, message: clipped(error.message) };
  if (isArgumentError(error)) return { code: error.name, message: clipped(error.message) };
  return { code: "ERR_LETHE_CUSTODIAN", message: "Cannot do that: the custodian failed at it" };
}

/** A message with a name in it may be long; one that did not fit would take the custodian with it. */
function clipped(message: string): string {
  const { most = 0 } = FIELD_BY_NAME.get("message") ?? {};
  const { read } = new TextEncoder().encodeInto(message, new Uint8Array(most));
  return message.slice(0, read);
}
