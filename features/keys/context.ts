import { wrongKind } from "../../core/arguments/argument_error.ts";
import type { CryptoEngine } from "../../core/contract/engine.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import { enginesOfSecrets } from "../../core/engines.ts";
import { MemorySecrets } from "../../core/memory_secrets.ts";

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
    throw wrongKind(`Cannot ${verb} as secrets must come from openSecrets()`, secrets);
  }
  return {
    secrets,
    verb,
    engine: (type) =>
      enginesOfSecrets(secrets).choose({ verb, operations: [type], passed: "secrets" }).engine,
  };
}
