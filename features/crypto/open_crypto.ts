import { wrongKind } from "../../core/arguments/argument_error.ts";
import { isOfAnotherCopy } from "../../core/arguments/kind_of.ts";
import { readOptions } from "../../core/arguments/options.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import type { EngineOption } from "../../core/engine_choice.ts";
import { enginesOfSecrets } from "../../core/engines.ts";
import { AdoptingCrypto } from "./adopting_crypto.ts";
import type { SecretCrypto } from "./crypto.ts";
import { EngineCrypto } from "./engine_crypto.ts";

/** How to open {@link SecretCrypto}. The default of `engine` is the choice of the secrets. */
export type CryptoOptions = EngineOption;

/**
 * Opens crypto over secrets: what it makes lives in `secrets`. Synchronous. Node.js, Deno and Bun load the
 * engine of the optional dependency `sodium-native`, which works straight on guarded memory; elsewhere pass
 * an engine.
 *
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` when no engine can be loaded, with the reasons
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { openCrypto } from "lethe/crypto";
 *
 * const secrets = openSecrets();
 * const crypto = openCrypto(secrets);
 * const key = secrets.random(32);
 * const encrypted = crypto.encrypt(key, new TextEncoder().encode("attack at dawn"));
 * crypto.decrypt(key, encrypted).byteLength; // 14
 * ```
 */
export function openCrypto(secrets: Secrets, options?: CryptoOptions): SecretCrypto {
  if (typeof secrets?.allocate !== "function" || isOfAnotherCopy(secrets)) {
    throw wrongKind(`Cannot open crypto as secrets must come from openSecrets()`, secrets);
  }
  const { engine: wanted } = readOptions(options, "open crypto", ["engine"]);
  const engines = enginesOfSecrets(secrets).choosing(wanted, "open crypto");
  const { engine, passedOver } = engines.choose({ verb: "open crypto", operations: [] });
  return new AdoptingCrypto(new EngineCrypto(engine, secrets, passedOver), secrets);
}
