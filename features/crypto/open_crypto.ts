import { wrongType } from "../../core/arguments/argument_error.ts";
import { isOfAnotherCopy, kindOf } from "../../core/arguments/kind_of.ts";
import { readOptions } from "../../core/arguments/options.ts";
import type { CryptoEngine } from "../../core/contract/engine.ts";
import { LetheError } from "../../core/contract/errors.ts";
import { enginesOf, type Runtime } from "../../core/contract/runtime.ts";
import type { Secrets } from "../../core/contract/secrets.ts";
import type { Crypto, PassedOverEngine } from "./crypto.ts";
import { EngineCrypto } from "./engine_crypto.ts";

/** How to open {@link Crypto}. */
export interface CryptoOptions {
  /**
   * `"auto"` (the default) takes the best engine that this runtime can load by itself. A name takes
   * that one or fails. An object is an engine: `await openLibsodiumEngine()` of `lethe/libsodium`,
   * `nobleEngine()` of `lethe/noble`, or your own.
   */
  readonly engine?: CryptoEngine | "auto" | (string & {});
}

/** Opens crypto over secrets on this runtime. Synchronous; what it makes lives in `secrets`. */
export type OpenCrypto = (secrets: Secrets, options?: CryptoOptions) => Crypto;

/** The `openCrypto` of a runtime. */
export function cryptoOpener(runtime: Runtime): OpenCrypto {
  return function openCrypto(secrets: Secrets, options?: CryptoOptions): Crypto {
    if (typeof secrets?.allocate !== "function" || isOfAnotherCopy(secrets)) {
      throw wrongType(
        `Cannot open crypto as secrets must be a Secrets: current value is ${kindOf(secrets)}`,
      );
    }
    const { engine = "auto" } = readOptions(options, "open crypto", ["engine"]);
    if (engine === "auto") return openBest(runtime, secrets);
    if (typeof engine === "string") {
      return new EngineCrypto(openNamed(runtime, engine), secrets, NONE);
    }
    if (typeof engine?.name === "string" && typeof engine.operations?.has === "function") {
      return new EngineCrypto(engine, secrets, NONE);
    }
    throw wrongType(
      `Cannot open crypto as engine must be a name or a CryptoEngine: current value is ${kindOf(engine)}`,
    );
  };
}

const NONE: readonly PassedOverEngine[] = Object.freeze([]);
const REMEDY =
  "pass one as engine: await openLibsodiumEngine() of lethe/libsodium, or nobleEngine() of lethe/noble";

function openNamed(runtime: Runtime, wanted: string): CryptoEngine {
  const { name } = runtime;
  const engines = enginesOf(runtime);
  const offer = engines.find((candidate) => candidate.name === wanted);
  if (offer !== undefined) return offer.open();
  const known = engines.map((candidate) => candidate.name).join(", ");
  throw new LetheError(
    "ERR_LETHE_UNAVAILABLE",
    `Cannot open engine ${JSON.stringify(wanted)}: ${name} loads ${known || "none"} by itself; ${REMEDY}`,
  );
}

/** Tries each engine in turn, and remembers why one was passed over. */
function openBest(runtime: Runtime, secrets: Secrets): Crypto {
  const { name } = runtime;
  const passedOver: PassedOverEngine[] = [];
  for (const offer of enginesOf(runtime)) {
    try {
      return new EngineCrypto(offer.open(), secrets, Object.freeze([...passedOver]));
    } catch (error) {
      if (!(error instanceof LetheError)) throw error;
      passedOver.push(Object.freeze({ engine: offer.name, reason: error.message }));
    }
  }
  const reasons = passedOver.map(({ engine, reason }) => `\n  ${engine}: ${reason}`).join("");
  throw new LetheError(
    "ERR_LETHE_UNAVAILABLE",
    `Cannot open crypto: ${name} can load no engine by itself; ${REMEDY}${reasons}`,
  );
}

/** `openCrypto` of the bare core: it takes the engine that it is given. */
export const openCrypto: OpenCrypto = /* @__PURE__ */ cryptoOpener({ name: "core", memories: [] });
