import { LetheError } from "../../core/contract/errors.ts";
import type { Stanza } from "../../core/contract/key_wrapper.ts";
import { copyOf, type View } from "./bytes.ts";
import { malformed } from "./refusal.ts";

/** The type of the stanza that holds a context. `age` passes over types that it does not know. */
export const CONTEXT_TYPE = "lethe/context";
/** More is a payload, not a name. */
export const MOST_CONTEXT_BYTES = 4096;

/**
 * A context as a stanza: in the open, and under the MAC of the header. Whoever has not the file key can neither change
 * it nor take it away. Whoever can open an envelope can also make one, with any context: as with its payload.
 */
export function contextStanza(context: View): Stanza {
  return { args: [CONTEXT_TYPE], body: copyOf(context) };
}

/** The context that a header has, or null. */
export function contextOf(stanzas: readonly Stanza[]): View | null {
  const [found, ...others] = stanzas.filter(({ args }) => args[0] === CONTEXT_TYPE);
  if (found === undefined) return null;
  if (others.length > 0 || found.args.length !== 1 || found.body.length === 0) {
    throw malformed("its context is malformed");
  }
  return found.body;
}

/**
 * @param wanted null: none
 * @throws {LetheError} `ERR_LETHE_ENVELOPE_CONTEXT` unless the header has this context
 */
export function checkContext(stanzas: readonly Stanza[], wanted: View | null): void {
  const found = contextOf(stanzas);
  if (found === null && wanted === null) return;
  const isSame =
    found?.length === wanted?.length && found?.every((byte, at) => byte === wanted?.[at]) === true;
  if (isSame) return;
  const what =
    found === null
      ? "it was sealed without a context, and one is expected"
      : wanted === null
        ? "it was sealed for a context, and none was given"
        : "it was sealed for another context";
  throw new LetheError(
    "ERR_LETHE_ENVELOPE_CONTEXT",
    `Cannot open envelope: ${what}; pass the context it was sealed for, which inspect() shows, if that is what you expect`,
  );
}
