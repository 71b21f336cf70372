import { optional } from "../../core/arguments/own.ts";
import { enginesOf } from "../../core/contract/runtime.ts";
import { type CryptoEngine, LetheError, type Operation, type Runtime } from "../../core/mod.ts";

/** The best engine of the runtime that has all of `operations`. */
export type EngineFor = (operations: readonly Operation[]) => CryptoEngine;

/**
 * Opens engines when they are asked for, each once. An engine that declares residue of an operation is
 * passed over for it.
 */
export function engineFor(runtime: Runtime): EngineFor {
  const { name } = runtime;
  const opened = new Map<string, CryptoEngine>();
  return (operations) => {
    const reasons: string[] = [];
    for (const offer of enginesOf(runtime)) {
      try {
        const engine = opened.get(offer.name) ?? offer.open();
        opened.set(offer.name, engine);
        const missing = operations.filter((operation) => !engine.operations.has(operation));
        const leaky = operations.filter(
          (operation) => optional(engine.residue, operation) !== undefined,
        );
        if (missing.length === 0 && leaky.length === 0) return engine;
        reasons.push(`${offer.name} lacks ${[...missing, ...leaky].join(", ")}`);
      } catch (error) {
        if (!(error instanceof LetheError)) throw error;
        reasons.push(error.message);
      }
    }
    throw new LetheError(
      "ERR_LETHE_UNAVAILABLE",
      `Cannot compute ${operations.join(", ")} on ${name}: ${reasons.join("; ") || "it has no engine"}`,
    );
  };
}
