import { outOfRange, wrongKind, wrongType } from "../../core/arguments/argument_error.ts";
import { publicBytes } from "../../core/arguments/check_bytes.ts";
import { kindOf } from "../../core/arguments/kind_of.ts";
import type { Identity, Recipient } from "../../core/contract/key_wrapper.ts";
import { isSecretBuffer } from "../../core/held_secret.ts";
import { copyOf, type View } from "./bytes.ts";
import { HeldKeyService } from "./key_service.ts";
import { MOST_CONTEXT_BYTES } from "./public_context.ts";

/** More recipients than a header has room for. */
const MOST_WRAPPERS = 4096;

/** A copy of the list, so that what was checked is what is used. */
export function recipientsOf(value: unknown, verb: string): readonly Recipient[] {
  return listOf<Recipient>(value, verb, "recipients", "wrap");
}

export function identitiesOf(value: unknown, verb: string): readonly Identity[] {
  return listOf<Identity>(value, verb, "identities", "unwrap");
}

function listOf<T>(value: unknown, verb: string, parameter: string, method: string): readonly T[] {
  if (!Array.isArray(value)) {
    throw wrongKind(`Cannot ${verb} as ${parameter} must be an array`, value);
  }
  const list = [...value];
  if (list.length === 0 || list.length > MOST_WRAPPERS) {
    throw outOfRange(
      `Cannot ${verb} as ${parameter} must hold 1 to ${MOST_WRAPPERS}: it holds ${list.length}`,
    );
  }
  for (const wrapper of list) {
    if (typeof wrapper === "object" && typeof wrapper?.[method] === "function") continue;
    if (HeldKeyService.callsOf(wrapper) !== null) {
      throw wrongType(
        `Cannot ${verb} as a key service is none of ${parameter}: it would see file keys; pass doubled(identity, service)`,
      );
    }
    throw wrongType(
      `Cannot ${verb} as each of ${parameter} must have ${method}(): one is ${kindOf(wrapper)}; parseRecipient(), parseIdentities() and usePassphrase() make them`,
    );
  }
  return list;
}

/** A copy of the context that was given, or null. */
export function contextGiven(value: unknown, verb: string): View | null {
  if (value === undefined) return null;
  if (isSecretBuffer(value)) {
    throw wrongType(`Cannot ${verb} as context must be public: it is a SecretBuffer`);
  }
  const bytes = publicBytes(value, verb, "context");
  if (bytes.length >= 1 && bytes.length <= MOST_CONTEXT_BYTES) return copyOf(bytes);
  throw outOfRange(
    `Cannot ${verb} as context must have 1 to ${MOST_CONTEXT_BYTES} bytes: it has ${bytes.length}`,
  );
}
