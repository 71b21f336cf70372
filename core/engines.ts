import { wrongType } from "./arguments/argument_error.ts";
import { kindOf } from "./arguments/kind_of.ts";
import { optional } from "./arguments/own.ts";
import type { CryptoEngine, EngineOffer, Operation } from "./contract/engine.ts";
import { LetheError } from "./contract/errors.ts";
import { enginesOf, type Runtime } from "./contract/runtime.ts";

/** The option `engine`, the same wherever there is one. */
export interface EngineOption {
  /**
   * The library that computes. `"auto"` (the default) takes the first of this runtime that loads and has
   * all the operations that are needed; a name takes that one or fails; an object is an engine:
   * `await openLibsodiumEngine()` of `lethe/libsodium`, `nobleEngine()` of `lethe/noble`, or your own. It is
   * loaded when something is first computed.
   */
  readonly engine?: CryptoEngine | "auto" | (string & {});
}

/** Why a better engine was not taken. */
export interface PassedOverEngine {
  readonly engine: string;
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
}

const REMEDY =
  "pass one as the option engine: await openLibsodiumEngine() of lethe/libsodium, or nobleEngine() of lethe/noble";

/**
 * The one place where an engine is chosen. An engine that failed to load is tried again the next time: it
 * may have been installed since.
 */
export class Engines {
  readonly #runtime: string;
  readonly #offers: readonly EngineOffer[];
  readonly #loaded: Map<EngineOffer, CryptoEngine>;
  readonly #wanted: CryptoEngine | string;

  /** @throws {TypeError} when `wanted` is neither a name nor an engine; `verb` is in its text */
  constructor(runtime: Pick<Runtime, "name" | "engines">, wanted: unknown, verb: string) {
    this.#runtime = runtime.name;
    this.#offers = enginesOf(runtime);
    this.#loaded = new Map();
    this.#wanted = checkWanted(wanted === undefined ? "auto" : wanted, verb);
  }

  /** The same offers under another choice; undefined keeps this one. */
  choosing(wanted: unknown, verb: string): Engines {
    if (wanted === undefined) return this;
    return new Engines({ name: this.#runtime, engines: this.#offers }, wanted, verb);
  }

  /** @throws {LetheError} `ERR_LETHE_UNAVAILABLE` with the reason of each engine that was passed over */
  choose(need: EngineNeed): ChosenEngine {
    const wanted = this.#wanted;
    if (typeof wanted !== "string") {
      const lack = lackOf(wanted, need);
      if (lack === null) return { engine: wanted, passedOver: NONE };
      throw unavailable(
        need,
        `engine ${wanted.name} ${lack}; pass another one as the option engine`,
      );
    }
    const passedOver: PassedOverEngine[] = [];
    for (const offer of this.#offers) {
      if (wanted !== "auto" && offer.name !== wanted) continue;
      const reason = this.#try(offer, need);
      if (typeof reason !== "string") {
        return { engine: reason, passedOver: Object.freeze(passedOver) };
      }
      passedOver.push(Object.freeze({ engine: offer.name, reason }));
    }
    throw unavailable(need, this.#refusal(wanted, passedOver));
  }

  #try(offer: EngineOffer, need: EngineNeed): CryptoEngine | string {
    try {
      const engine = this.#loaded.get(offer) ?? offer.open();
      this.#loaded.set(offer, engine);
      return lackOf(engine, need) ?? engine;
    } catch (error) {
      if (error instanceof LetheError) return error.message;
      throw error;
    }
  }

  #refusal(wanted: string, passedOver: readonly PassedOverEngine[]): string {
    const names = this.#offers.map((offer) => offer.name).join(", ");
    const reasons = passedOver.map(({ engine, reason }) => `\n  ${engine}: ${reason}`).join("");
    if (wanted !== "auto" && reasons === "") {
      return `${this.#runtime} loads no engine ${JSON.stringify(wanted)} by itself, but ${names || "none"}; ${REMEDY}`;
    }
    return `${this.#runtime} has no engine for it; ${REMEDY}${reasons}`;
  }
}

const NONE: readonly PassedOverEngine[] = Object.freeze([]);

function checkWanted(wanted: unknown, verb: string): CryptoEngine | string {
  if (typeof wanted === "string") return wanted;
  const engine = wanted as CryptoEngine | null;
  if (typeof engine?.name === "string" && typeof engine.operations?.has === "function") {
    return engine;
  }
  throw wrongType(
    `Cannot ${verb} as engine must be a name or a CryptoEngine: current value is ${kindOf(wanted)}`,
  );
}

function lackOf(engine: CryptoEngine, { operations, clean = false }: EngineNeed): string | null {
  const missing = operations.filter((operation) => !engine.operations.has(operation));
  if (missing.length > 0) return `has no ${missing.join(", ")}`;
  if (!clean) return null;
  const leaky = operations.filter((operation) => optional(engine.residue, operation) !== undefined);
  return leaky.length === 0 ? null : `leaves residue of ${leaky.join(", ")}`;
}

function unavailable({ verb }: EngineNeed, reason: string): LetheError {
  return new LetheError("ERR_LETHE_UNAVAILABLE", `Cannot ${verb}: ${reason}`);
}
