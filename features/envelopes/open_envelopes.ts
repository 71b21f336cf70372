import { wrongKind } from "../../core/arguments/argument_error.ts";
import { isOfAnotherCopy } from "../../core/arguments/kind_of.ts";
import { readOptions } from "../../core/arguments/options.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import { enginesOfSecrets } from "../../core/engines.ts";
import { freshOf } from "../../core/fresh.ts";
import { AgeEnvelopes } from "./age_envelopes.ts";
import { ENVELOPE_OPERATIONS } from "./context.ts";
import type { Envelopes } from "./envelopes.ts";
import { checkListener } from "./key_use.ts";
import type { EnvelopesOptions } from "./options.ts";

/**
 * Opens envelopes over secrets: what they open lives in `secrets`. Synchronous.
 *
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` when no engine can be loaded, with the reasons
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { openEnvelopes } from "lethe/envelopes";
 *
 * const secrets = openSecrets();
 * const envelopes = openEnvelopes(secrets);
 * const identity = envelopes.createIdentity();
 * console.log(identity.recipient); // age1…
 * identity.destroy();
 * ```
 */
export function openEnvelopes(secrets: Secrets, options?: EnvelopesOptions): Envelopes {
  if (typeof secrets?.allocate !== "function" || isOfAnotherCopy(secrets)) {
    throw wrongKind(`Cannot open envelopes as secrets must come from openSecrets()`, secrets);
  }
  const { engine: wanted, onUse } = readOptions(options, "open envelopes", ["engine", "onUse"]);
  if (onUse !== undefined) checkListener(onUse, "open envelopes");
  const { engine } = enginesOfSecrets(secrets)
    .choosing(wanted, "open envelopes")
    .choose({ verb: "open envelopes", operations: ENVELOPE_OPERATIONS });
  return new AgeEnvelopes({
    secrets,
    engine,
    fresh: freshOf(secrets),
    land: (byteLength, fill) => secrets.land(byteLength, fill),
    onUse,
  });
}
