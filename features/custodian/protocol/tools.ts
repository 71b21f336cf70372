import { enginesOf } from "../../../core/contract/runtime.ts";
import {
  type CryptoEngine,
  LetheError,
  type Operation,
  type Runtime,
  type Secrets,
} from "../../../core/mod.ts";

/** What a session works with: where its keys lie, and what computes with them. */
export interface Tools {
  readonly engine: CryptoEngine;
  readonly secrets: Secrets;
}

/** What a channel and a vault cannot do without. */
const NEEDED: readonly Operation[] = ["aead", "keyed-hash", "x25519"];

/**
 * The first engine of a runtime that can carry a channel.
 *
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` with the reason of each that was passed over
 */
export function engineOf(runtime: Runtime): CryptoEngine {
  const { name } = runtime;
  const reasons: string[] = [];
  for (const offer of enginesOf(runtime)) {
    try {
      const engine = offer.open();
      const missing = NEEDED.filter((operation) => !engine.operations.has(operation));
      if (missing.length === 0) return engine;
      reasons.push(`${offer.name}: it has no ${missing.join(", ")}`);
    } catch (error) {
      if (!(error instanceof LetheError)) throw error;
      reasons.push(`${offer.name}: ${error.message}`);
    }
  }
  throw new LetheError(
    "ERR_LETHE_UNAVAILABLE",
    `Cannot open custodian: ${name} has no engine for its channel (${reasons.join("; ") || "none"})`,
  );
}
