import { wrongKind, wrongType } from "../../core/arguments/argument_error.ts";
import { timeOfDate } from "../../core/arguments/foreign.ts";
import { isOfAnotherCopy } from "../../core/arguments/kind_of.ts";
import { readOptions } from "../../core/arguments/options.ts";
import { checkLive } from "../../core/check_live.ts";
import type { Identity, Recipient } from "../../core/contract/key_wrapper.ts";
import { wallNow } from "../../core/globals.ts";
import type { Secrets } from "../../core/mod.ts";
import { type Envelopes, openEnvelopes } from "../envelopes/mod.ts";
import type { SecretSource } from "../sources/everywhere.ts";
import { readStored, writeStored } from "./ask_store.ts";
import { checkKey } from "./check_store.ts";
import { checkFields, type Field, joinFields } from "./record_bytes.ts";
import type { EnvelopeStore, StoredEnvelope } from "./store.ts";
import { storeError } from "./store_error.ts";
import { checkIdentities, StoreSource } from "./store_source.ts";
import { formatContext, parseContext } from "./stored_context.ts";
import type { PublishOptions, StoredSecrets, StoredSecretsOptions } from "./stored_secrets.ts";

/**
 * Opens the secrets of a store. What they open lives in `secrets`. Synchronous; it asks the store nothing.
 *
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` when no engine can be loaded, with the reasons
 * @throws {TypeError} for anything but secrets and a store
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { openEtcdStore, openStoredSecrets } from "lethe/stores";
 *
 * const etcd = openEtcdStore({ endpoints: ["https://10.0.0.1:2379", "https://10.0.0.2:2379"] });
 * const stored = openStoredSecrets(openSecrets(), etcd);
 * console.log(typeof stored.publish); // function
 * ```
 */
export function openStoredSecrets(
  secrets: Secrets,
  store: EnvelopeStore,
  options?: StoredSecretsOptions,
): StoredSecrets {
  if (typeof secrets?.allocate !== "function" || isOfAnotherCopy(secrets)) {
    throw wrongKind(`Cannot open stored secrets as secrets must come from openSecrets()`, secrets);
  }
  const methods = ["read", "write", "remove"] as const;
  if (
    typeof store !== "object" ||
    store === null ||
    typeof store.name !== "string" ||
    methods.some((name) => typeof store[name] !== "function")
  ) {
    throw wrongKind(`Cannot open stored secrets as store must be an EnvelopeStore`, store);
  }
  return new Stored(secrets, store, openEnvelopes(secrets, options));
}

class Stored implements StoredSecrets {
  readonly #secrets: Secrets;
  readonly #store: EnvelopeStore;
  readonly #envelopes: Envelopes;

  constructor(secrets: Secrets, store: EnvelopeStore, envelopes: Envelopes) {
    this.#secrets = secrets;
    this.#store = store;
    this.#envelopes = envelopes;
  }

  async publish(
    key: string,
    fields: Iterable<Field>,
    recipients: readonly Recipient[],
    options?: PublishOptions,
  ): Promise<string> {
    checkKey(key, "write");
    const joined = joinFields(this.#secrets, checkFields(fields));
    try {
      const end = endOf(options);
      const before = await readStored(this.#store, key);
      checkLive(joined, "publish record");
      const version = this.#versionAfter(key, before);
      const context = formatContext({ key, version, end });
      const envelope = await this.#envelopes.seal(joined, recipients, { context });
      const revision = await writeStored(this.#store, key, envelope, {
        expected: before?.revision ?? null,
        ...(end === null ? {} : { expiresAt: new Date(end) }),
      });
      return `${version}@${revision}`;
    } finally {
      joined.destroy();
    }
  }

  async readdress(
    key: string,
    identities: readonly Identity[],
    recipients: readonly Recipient[],
  ): Promise<string> {
    const source = new StoreSource(this.#store, this.#envelopes, checkIdentities(identities));
    const { stored, context, envelope } = await source.readdress(key, recipients);
    const revision = await writeStored(this.#store, key, envelope, {
      expected: stored.revision,
      ...(context.end === null ? {} : { expiresAt: new Date(context.end) }),
    });
    return `${context.version}@${revision}`;
  }

  async remove(key: string): Promise<void> {
    checkKey(key, "remove");
    const stored = await readStored(this.#store, key);
    if (stored === null) return;
    await this.#store.remove(key, { expected: stored.revision });
  }

  source(identities: readonly Identity[]): SecretSource {
    return new StoreSource(this.#store, this.#envelopes, checkIdentities(identities));
  }

  /**
   * The time, or more than what is there. Not one more alone: where the store forgot what readers saw, or was restored from a
   * backup, they would refuse as older what is published then. The head of the envelope is not authentic here: a lie leads
   * to a version that is too high.
   */
  #versionAfter(key: string, before: StoredEnvelope | null): number {
    if (before === null) return wallNow();
    const context = parseContext(this.#contextOf(before));
    if (context !== null && context.version < Number.MAX_SAFE_INTEGER) {
      return Math.max(context.version + 1, wallNow());
    }
    throw storeError(
      "ERR_LETHE_STORE_FAILED",
      "write",
      this.#store.name,
      key,
      "what is there was not published by Lethe; remove it, or use another key",
    );
  }

  #contextOf({ envelope }: StoredEnvelope): Uint8Array | null {
    try {
      return this.#envelopes.inspect(envelope).context;
    } catch {
      return null;
    }
  }
}

function endOf(options: PublishOptions | undefined): number | null {
  const { expiresAt } = readOptions(options, "publish record", ["expiresAt"]);
  if (expiresAt === undefined) return null;
  const end = timeOfDate(expiresAt);
  if (end !== null && end > 0) return end;
  throw wrongType("Cannot publish record as expiresAt must be a valid Date after 1970");
}
