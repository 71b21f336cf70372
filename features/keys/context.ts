import { wrongType } from "../../core/arguments/argument_error.ts";
import { kindOf } from "../../core/arguments/kind_of.ts";
import type { CryptoEngine } from "../../core/contract/engine.ts";
import { LetheError } from "../../core/contract/errors.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import { engineOf, MemorySecrets } from "../../core/memory_secrets.ts";

/** What reading or writing a key needs. */
export interface KeyContext {
  readonly secrets: Secrets;
  /** What cannot be done, for messages. */
  readonly verb: string;
  /** The engine of the secrets, which computes the public keys of these types. */
  engine(type: "ed25519" | "x25519"): CryptoEngine;
}

/** @throws {TypeError} unless they are secrets that this copy of Lethe opened */
export function contextOf(secrets: Secrets, verb: string): KeyContext {
  if (!MemorySecrets.is(secrets)) {
    throw wrongType(
      `Cannot ${verb} as secrets must be a Secrets: current value is ${kindOf(secrets)}`,
    );
  }
  return {
    secrets,
    verb,
    engine(type) {
      const engine = engineOf(secrets);
      if (engine.operations.has(type)) return engine;
      throw new LetheError(
        "ERR_LETHE_UNAVAILABLE",
        `Cannot ${verb}: engine ${engine.name} has no ${type}, which computes its public key; pass another one to openSecrets({ engine })`,
      );
    },
  };
}
