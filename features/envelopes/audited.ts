import { wrongKind } from "../../core/arguments/argument_error.ts";
import { readOptions } from "../../core/arguments/options.ts";
import { optional } from "../../core/arguments/own.ts";
import type { KeyWrapper } from "../../core/contract/key_wrapper.ts";
import { checkListener, noteUse, type OnKeyUse } from "./key_use.ts";

/** What an audit takes. */
export interface AuditOptions {
  /** Gets every {@link KeyUse} of the wrapper. */
  readonly onUse: OnKeyUse;
}

const VERB = "audit wrapper";

/**
 * A wrapper that does what another one does, and tells a listener of each call and of how it ended. Around a cache it tells of each
 * use; within one, of each question. The option `onUse` of {@link openEnvelopes} does the same for all wrappers of some envelopes.
 *
 * @throws {TypeError} for what is not a wrapper, or without `onUse`
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { audited, openEnvelopes } from "lethe/envelopes";
 *
 * const secrets = openSecrets();
 * const envelopes = openEnvelopes(secrets);
 * const identity = envelopes.createIdentity();
 * const key = audited(identity, {
 *   onUse: ({ operation, key, outcome }) => console.log(operation, key, outcome), // wrap age1… done
 * });
 * const envelope = await envelopes.seal(secrets.random(32), [key]);
 * const secret = await envelopes.open(envelope, [key]);
 * for (const one of [identity, secret]) one.destroy();
 * ```
 */
export function audited(wrapper: KeyWrapper, options: AuditOptions): KeyWrapper {
  const { wrap, unwrap } = Object(wrapper) as Partial<KeyWrapper>;
  if (typeof wrap !== "function" || typeof unwrap !== "function") {
    throw wrongKind(`Cannot ${VERB} as wrapper must have wrap() and unwrap()`, wrapper);
  }
  const { onUse } = readOptions<AuditOptions>(options, VERB, ["onUse"]);
  checkListener(onUse, VERB);
  return Object.freeze({
    get name() {
      return wrapper.name;
    },
    get version() {
      return wrapper.version;
    },
    get residue() {
      return wrapper.residue;
    },
    get alone() {
      return optional(wrapper, "alone") === true;
    },
    wrap: (fileKey) => noteUse(onUse, "wrap", wrapper, () => wrapper.wrap(fileKey)),
    unwrap: (stanzas, land) =>
      noteUse(onUse, "unwrap", wrapper, () => wrapper.unwrap(stanzas, land)),
  } satisfies KeyWrapper);
}
