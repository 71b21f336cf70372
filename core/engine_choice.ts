import { wrongType } from "./arguments/argument_error.ts";
import { kindOf } from "./arguments/kind_of.ts";
import type { CryptoEngine } from "./contract/engine.ts";
import { LetheError } from "./contract/errors.ts";
import { enginesOf, type Runtime } from "./contract/runtime.ts";

/**
 * What opens the engine of the option `engine`, once it is asked, and then gives the same again. An
 * engine that failed to open is tried anew the next time: it may have been installed meanwhile.
 *
 * @throws {TypeError} at once, for anything but an engine or a name. What it returns throws
 * {@link LetheError} `ERR_LETHE_UNAVAILABLE`, with the reasons and the remedy
 */
export function engineChooser(runtime: Runtime, wanted: unknown): () => CryptoEngine {
  let chosen: CryptoEngine | undefined;
  if (wanted === undefined || typeof wanted === "string") {
    return () => {
      chosen ??= choose(runtime, wanted ?? "auto");
      return chosen;
    };
  }
  const engine = wanted as CryptoEngine | null;
  if (typeof engine?.aeadSeal !== "function" || typeof engine.aeadOpen !== "function") {
    throw wrongType(
      `Cannot open secrets as engine must be a name or a CryptoEngine: current value is ${kindOf(wanted)}`,
    );
  }
  return () => sealing(engine);
}

function choose(runtime: Runtime, wanted: string): CryptoEngine {
  const { name } = runtime;
  const engines = enginesOf(runtime);
  const offers = engines.filter((offer) => wanted === "auto" || offer.name === wanted);
  const reasons: string[] = [];
  for (const offer of offers) {
    try {
      return sealing(offer.open());
    } catch (error) {
      if (!(error instanceof LetheError)) throw error;
      reasons.push(`\n  ${offer.name}: ${error.message}`);
    }
  }
  const names = engines.map((offer) => offer.name).join(", ");
  const why =
    reasons.length > 0
      ? `no engine of ${name} can be used`
      : `${name} has ${names || "none of its own"}`;
  throw new LetheError(
    "ERR_LETHE_UNAVAILABLE",
    `Cannot open engine ${JSON.stringify(wanted)}: ${why}; pass a CryptoEngine as the option engine${reasons.join("")}`,
  );
}

function sealing(engine: CryptoEngine): CryptoEngine {
  if (engine.operations.has("aead")) return engine;
  throw new LetheError(
    "ERR_LETHE_UNAVAILABLE",
    `Cannot seal with engine ${engine.name}: it has no XChaCha20-Poly1305; use one that has, such as sodium`,
  );
}
