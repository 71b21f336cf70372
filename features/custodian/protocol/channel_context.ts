import { chooseEngine } from "../../../core/engine_choice.ts";
import { Engines, enginesOfSecrets } from "../../../core/engines.ts";
import { MemorySecrets } from "../../../core/memory_secrets.ts";
import type { CryptoEngine, Operation, Runtime, Secrets } from "../../../core/mod.ts";

/** What a session works with: where its keys lie, and what computes with them. */
export interface ChannelContext {
  readonly engine: CryptoEngine;
  readonly secrets: Secrets;
}

/** What a channel and a vault cannot do without. */
const NEEDED: readonly Operation[] = ["aead", "keyed-hash", "x25519"];

/**
 * Secrets, and the first of their engines that can carry a channel; of the runtime's where somebody else
 * made them.
 *
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` with the reason of each that was passed over
 */
export function channelContextFor(secrets: Secrets, runtime: Runtime): ChannelContext {
  const engines = MemorySecrets.is(secrets)
    ? enginesOfSecrets(secrets)
    : new Engines(chooseEngine(runtime, "auto", "open custodian"));
  const { engine } = engines.choose({
    verb: "open custodian",
    operations: NEEDED,
    passed: "nowhere",
  });
  return { engine, secrets };
}
