import { outOfRange, wrongKind, wrongType } from "../../core/arguments/argument_error.ts";
import { type SignalLike, throwIfAborted } from "../../core/arguments/foreign.ts";
import { kindOf } from "../../core/arguments/kind_of.ts";
import { optional } from "../../core/arguments/own.ts";
import { checkLive } from "../../core/check_live.ts";
import type { Identity, Recipient } from "../../core/contract/key_wrapper.ts";
import { wallNow } from "../../core/globals.ts";
import { LetheError, type LetheErrorCode } from "../../core/mod.ts";
import { orAborted } from "../../system/or_aborted.ts";
import type { Envelopes } from "../envelopes/mod.ts";
import {
  makeRecord,
  type ReadContext,
  type SecretRecord,
  type SecretSource,
  sourceError,
} from "../sources/everywhere.ts";
import { readStored } from "./ask_store.ts";
import { checkKey } from "./check_store.ts";
import { splitFields } from "./record_bytes.ts";
import type { EnvelopeStore, StoredEnvelope } from "./store.ts";
import { formatContext, parseContext, type StoredContext } from "./stored_context.ts";

type SourceErrorCode = Parameters<typeof sourceError>[0];

/** An envelope as the store has it, and what its head says it is for. */
export interface Found {
  readonly stored: StoredEnvelope;
  readonly context: StoredContext;
}

/** The records of a store that some identities can open. */
export class StoreSource implements SecretSource {
  readonly name: string;
  readonly residue: readonly string[] = Object.freeze([]);
  readonly watch?: NonNullable<SecretSource["watch"]>;
  readonly #store: EnvelopeStore;
  readonly #envelopes: Envelopes;
  readonly #identities: readonly Identity[];
  /** The highest version of each key that was authentic. */
  readonly #seen = new Map<string, number>();

  constructor(store: EnvelopeStore, envelopes: Envelopes, identities: readonly Identity[]) {
    this.name = store.name;
    this.#store = store;
    this.#envelopes = envelopes;
    this.#identities = identities;
    const watch = optional(store, "watch");
    if (watch !== undefined) this.watch = this.#watching(watch);
  }

  async read(key: string, { land, signal }: ReadContext): Promise<SecretRecord> {
    const least = this.#seen.get(key) ?? 0; // a read that runs beside another may end after a later one
    const { stored, context } = await this.find(key, signal);
    const { version, end } = context;
    if (version < least) {
      this.#fail(
        "ERR_LETHE_SOURCE_UNTRUSTED",
        key,
        `the store gives version ${version}, and version ${least} was read before; find out who put it back, and publish again`,
      );
    }
    const opening = this.#open(key, stored, context);
    const joined = await (signal === undefined
      ? opening
      : orAborted(opening, signal, (late) => late.destroy())); // no identity gets the signal
    try {
      throwIfAborted(signal);
      checkLive(joined, "read stored secret");
      this.#seen.set(key, Math.max(version, this.#seen.get(key) ?? 0));
      if (end !== null && end <= wallNow()) {
        this.#fail(
          "ERR_LETHE_SOURCE_EXPIRED",
          key,
          `version ${version} has expired; publish the next one, and compare the clocks of both machines`,
        );
      }
      const fields = splitFields(joined, land);
      if (fields === null) {
        this.#fail("ERR_LETHE_SOURCE_FORMAT", key, NO_RECORD);
      }
      return recordOf(`${version}@${stored.revision}`, fields, end);
    } finally {
      joined.destroy();
    }
  }

  /** What is there, if its head says that it is for this key. */
  async find(key: string, signal?: SignalLike): Promise<Found> {
    checkKey(key, "read");
    throwIfAborted(signal);
    const stored = await this.#ask(key, signal);
    if (stored === null) {
      return this.#fail("ERR_LETHE_SOURCE_MISSING", key, "there is none; publish it first");
    }
    const context = parseContext(this.#inspect(key, stored));
    if (context === null) {
      return this.#fail(
        "ERR_LETHE_SOURCE_FORMAT",
        key,
        "the envelope was not published by Lethe; publish it with openStoredSecrets()",
      );
    }
    if (context.key !== key) {
      this.#fail(
        "ERR_LETHE_SOURCE_UNTRUSTED",
        key,
        `the envelope was published as ${JSON.stringify(context.key)}; find out who put it here, and publish again`,
      );
    }
    return { stored, context };
  }

  async #ask(key: string, signal: SignalLike | undefined): Promise<StoredEnvelope | null> {
    try {
      return await readStored(this.#store, key, signal);
    } catch (error) {
      throw this.#asSourceError(key, error);
    }
  }

  #inspect(key: string, { envelope }: StoredEnvelope): Uint8Array | null {
    try {
      return this.#envelopes.inspect(envelope).context;
    } catch (error) {
      throw this.#asSourceError(key, error);
    }
  }

  async #open(
    key: string,
    { envelope }: StoredEnvelope,
    context: StoredContext,
  ): ReturnType<Envelopes["open"]> {
    try {
      return await this.#envelopes.open(envelope, this.#identities, {
        context: formatContext(context),
      });
    } catch (error) {
      // An authentic envelope of nothing.
      if (error instanceof RangeError) this.#fail("ERR_LETHE_SOURCE_FORMAT", key, NO_RECORD);
      throw this.#asSourceError(key, error);
    }
  }

  /** What is there, sealed to others. A recipient that cannot wrap has nothing to do with reading. */
  async readdress(
    key: string,
    recipients: readonly Recipient[],
  ): Promise<Found & { readonly envelope: Uint8Array }> {
    const found = await this.find(key);
    try {
      const { envelope } = found.stored;
      return {
        ...found,
        envelope: await this.#envelopes.readdress(envelope, this.#identities, recipients),
      };
    } catch (error) {
      if (error instanceof LetheError && error.code === "ERR_LETHE_WRAPPER") throw error;
      throw this.#asSourceError(key, error);
    }
  }

  #watching(watch: NonNullable<EnvelopeStore["watch"]>): NonNullable<SecretSource["watch"]> {
    return async (key, onChange, signal) => {
      checkKey(key, "watch");
      try {
        await Reflect.apply(watch, this.#store, [
          key,
          (ended?: unknown) =>
            ended === undefined ? onChange() : onChange(this.#asSourceError(key, ended)),
          signal,
        ]);
      } catch (error) {
        throw this.#asSourceError(key, error);
      }
    };
  }

  #fail(code: SourceErrorCode, key: string, reason: string): never {
    throw sourceError(code, this.name, key, reason);
  }

  /** Errors of stores and envelopes have codes of their own. Others, the signal's reason too, stay as they are. */
  #asSourceError(key: string, error: unknown): LetheError {
    const code = error instanceof LetheError ? CODES[error.code] : undefined;
    if (code === undefined) return error as LetheError;
    const { message } = error as LetheError;
    return sourceError(code, this.name, key, message.replace(/^Cannot .*?: /, ""));
  }
}

const NO_RECORD = "what was sealed is not a record; publish it with openStoredSecrets()";

const CODES: Partial<Record<LetheErrorCode, SourceErrorCode>> = {
  ERR_LETHE_STORE_UNAVAILABLE: "ERR_LETHE_SOURCE_UNAVAILABLE",
  ERR_LETHE_STORE_DENIED: "ERR_LETHE_SOURCE_DENIED",
  ERR_LETHE_STORE_FAILED: "ERR_LETHE_SOURCE_FAILED",
  ERR_LETHE_STORE_UNKNOWN: "ERR_LETHE_SOURCE_FAILED",
  ERR_LETHE_STORE_CONFLICT: "ERR_LETHE_SOURCE_FAILED",
  ERR_LETHE_ENVELOPE_ADDRESS: "ERR_LETHE_SOURCE_DENIED",
  ERR_LETHE_ENVELOPE_CONTEXT: "ERR_LETHE_SOURCE_UNTRUSTED",
  ERR_LETHE_ENVELOPE_FORMAT: "ERR_LETHE_SOURCE_FORMAT",
  ERR_LETHE_FORGED: "ERR_LETHE_SOURCE_UNTRUSTED",
  ERR_LETHE_KEY_COST: "ERR_LETHE_SOURCE_UNTRUSTED",
  ERR_LETHE_WRAPPER: "ERR_LETHE_SOURCE_FAILED",
};

function recordOf(
  version: string,
  fields: NonNullable<ReturnType<typeof splitFields>>,
  end: number | null,
): SecretRecord {
  try {
    return makeRecord({
      version,
      fields,
      ...(end === null ? {} : { expiresAt: new Date(end) }),
    });
  } catch (error) {
    for (const [, secret] of fields) secret.destroy();
    throw error;
  }
}

/** A copy of the list: what was checked is what is used. */
export function checkIdentities(value: unknown): readonly Identity[] {
  if (!Array.isArray(value)) {
    throw wrongKind(`Cannot read stored secrets as identities must be an array`, value);
  }
  const list: unknown[] = [...value];
  if (list.length === 0) {
    throw outOfRange("Cannot read stored secrets as identities must hold one or more");
  }
  for (const identity of list) {
    if (typeof (identity as Partial<Identity> | null)?.unwrap === "function") continue;
    throw wrongType(
      `Cannot read stored secrets as each of identities must have unwrap(): one is ${kindOf(identity)}`,
    );
  }
  return list as readonly Identity[];
}
