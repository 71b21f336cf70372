import { optional } from "./arguments/own.ts";
import type { CryptoEngine, EngineProvider, Operation } from "./contract/engine.ts";
import { LetheError } from "./contract/errors.ts";
import type { Secrets } from "./contract/secrets.ts";
import { checkEngine, chooseEngine, type EngineChoice } from "./engine_choice.ts";
import { MemorySecrets, partsOf } from "./memory_secrets.ts";

/** Why a better engine was not taken. */
export interface PassedOverEngine {
  /** The name of the engine. */
  readonly engine: string;
  /** Why it was not taken, and how to get it. */
  readonly reason: string;
}

/** An engine, and those before it that were not taken. */
export interface ChosenEngine {
  readonly engine: CryptoEngine;
  readonly passedOver: readonly PassedOverEngine[];
}

/** What an engine is needed for. */
export interface EngineNeed {
  /** What cannot be done without it, as errors say it: `seal enclave`. */
  readonly verb: string;
  readonly operations: readonly Operation[];
  /** Pass over an engine that declares residue of one of them. */
  readonly clean?: boolean;
  /**
   * Where a program can pass an engine: in the option of what it called (the default), when it opens its secrets, or
   * nowhere. Errors name no other place.
   */
  readonly passed?: "option" | "secrets" | "nowhere";
}

const CLEAN = "await openLibsodiumEngine() of lethe/libsodium";
const ENGINES = `${CLEAN}, or nobleEngine() of lethe/noble`;

const PLACES: Readonly<Record<"option" | "secrets", string>> = {
  option: "as the option engine",
  secrets: "to openSecrets as the option engine",
};

/**
 * The one place where an engine is chosen. An engine that failed to load is tried again the next time: it
 * may have been installed since.
 */
export class Engines {
  readonly #choice: EngineChoice;
  readonly #loaded = new Map<EngineProvider, CryptoEngine>();

  constructor(choice: EngineChoice) {
    this.#choice = choice;
  }

  /**
   * The same providers under another choice; undefined keeps this one.
   *
   * @throws {TypeError} when `wanted` is neither a name nor an engine; `verb` is in its text
   */
  choosing(wanted: unknown, verb: string): Engines {
    if (wanted === undefined) return this;
    return new Engines({ ...this.#choice, wanted: checkEngine(wanted, verb) });
  }

  /** @throws {LetheError} `ERR_LETHE_UNAVAILABLE` with the reason of each engine that was passed over */
  choose(need: EngineNeed): ChosenEngine {
    const { providers, wanted } = this.#choice;
    if (typeof wanted !== "string") {
      const lack = lackOf(wanted, need);
      if (lack === null) return { engine: wanted, passedOver: NONE };
      const place = PLACES[placeOf(need) ?? "secrets"];
      throw unavailable(need, `engine ${wanted.name} ${lack}; pass another one ${place}`);
    }
    const passedOver: PassedOverEngine[] = [];
    for (const provider of providers) {
      if (wanted !== "auto" && provider.name !== wanted) continue;
      const reason = this.#try(provider, need);
      if (typeof reason !== "string") {
        return { engine: reason, passedOver: Object.freeze(passedOver) };
      }
      passedOver.push(Object.freeze({ engine: provider.name, reason }));
    }
    throw unavailable(need, this.#refusal(wanted, passedOver, need));
  }

  #try(provider: EngineProvider, need: EngineNeed): CryptoEngine | string {
    try {
      const engine = this.#loaded.get(provider) ?? provider.open();
      this.#loaded.set(provider, engine);
      return lackOf(engine, need) ?? engine;
    } catch (error) {
      if (error instanceof LetheError) return error.message;
      throw error;
    }
  }

  #refusal(wanted: string, passedOver: readonly PassedOverEngine[], need: EngineNeed): string {
    const { providers, runtime } = this.#choice;
    const names = providers.map((provider) => provider.name).join(", ");
    const reasons = passedOver.map(({ engine, reason }) => `\n  ${engine}: ${reason}`).join("");
    const place = placeOf(need);
    const engines = optional(need, "clean") === true ? CLEAN : ENGINES;
    const pass = place === null ? null : `pass one ${PLACES[place]}: ${engines}`;
    if (wanted !== "auto" && reasons === "") {
      return `${runtime} loads no engine ${JSON.stringify(wanted)} by itself, but ${names || "none"}; ${pass ?? "name one of these"}`;
    }
    if (reasons === "")
      return `${runtime} has no engine for it; ${pass ?? "no other can be passed"}`;
    // A person at the command line can do the first alone.
    const other = pass === null ? "; no other can be passed" : `, or in a program ${pass}`;
    return `${runtime} has no engine for it; make one of these available${other}${reasons}`;
  }
}

const NONE: readonly PassedOverEngine[] = /* @__PURE__ */ Object.freeze([]);

function lackOf(engine: CryptoEngine, need: EngineNeed): string | null {
  const { operations } = need;
  const missing = operations.filter((operation) => !engine.operations.has(operation));
  if (missing.length > 0) return `has no ${missing.join(", ")}`;
  if (optional(need, "clean") !== true) return null;
  const leaky = operations.filter((operation) => optional(engine.residue, operation) !== undefined);
  return leaky.length === 0 ? null : `leaves residue of ${leaky.join(", ")}`;
}

function placeOf(need: EngineNeed): keyof typeof PLACES | null {
  const passed = optional(need, "passed") ?? "option";
  return passed === "nowhere" ? null : passed;
}

function unavailable({ verb }: EngineNeed, reason: string): LetheError {
  return new LetheError("ERR_LETHE_UNAVAILABLE", `Cannot ${verb}: ${reason}`);
}

/** One for the same secrets, so that an engine is loaded once. */
const KNOWN = new WeakMap<Secrets, Engines>();

/** The engines of these secrets: those of their runtime, and none where somebody else made them. */
export function enginesOfSecrets(secrets: Secrets): Engines {
  const known = KNOWN.get(secrets);
  if (known !== undefined) return known;
  const choice = MemorySecrets.is(secrets)
    ? partsOf(secrets).policy.engineChoice
    : chooseEngine({ name: `${secrets.memory} memory` }, "auto", "open engine");
  const engines = new Engines(choice);
  KNOWN.set(secrets, engines);
  return engines;
}
