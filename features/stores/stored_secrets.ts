import type { Identity, Recipient } from "../../core/contract/key_wrapper.ts";
import type { EngineOption } from "../../core/engine_choice.ts";
import type { SecretSource } from "../sources/everywhere.ts";
import type { Field } from "./record_bytes.ts";

/** How to open {@link StoredSecrets}. The default of `engine` is the choice of the secrets. */
export type StoredSecretsOptions = EngineOption;

/** What a publication may say. */
export interface PublishOptions {
  /**
   * When machines stop to use this version, if no later one reached them by then: the longest that a partition, or
   * a machine that was shut out, keeps it in service. Default: never.
   */
  readonly expiresAt?: Date | undefined;
}

/**
 * Secrets for many machines: sealed into envelopes, kept in a store, read as records.
 *
 * - STORED-1: the store, and all on the way to it, see ciphertext, recipients, key, version and end alone
 * - STORED-2: an envelope opens under its own key alone: `ERR_LETHE_SOURCE_UNTRUSTED` for one of another key, for one that
 *   was altered, and for one whose version is lower than what the same source read before
 * - STORED-3: of several that publish at once, one succeeds: `ERR_LETHE_STORE_CONFLICT` for the others
 * - STORED-4: what has expired is not given: `ERR_LETHE_SOURCE_EXPIRED`
 *
 * It is not promised that the store's newest version is what one gets: who controls the store can withhold it. A source
 * that begins knows no version to compare with. Nor is an envelope a signature: everybody who may write to the store and knows
 * the recipients can publish another secret.
 */
export interface StoredSecrets {
  /**
   * Publishes the next version of a record. It replaces what is there now.
   *
   * @param key 1 to 200 visible ASCII characters: public
   * @param fields at most 1,000, and 1 MiB (2^20 bytes) as an envelope, names and recipients in it; they stay the caller's. {@link SecretRecord.fields} is such a list
   * @returns the version, as readers see it: the time in milliseconds since 1970, or more where the one before has more;
   * then the store's revision
   * @throws {LetheError} `ERR_LETHE_STORE_CONFLICT` when somebody else published first, `ERR_LETHE_STORE_UNKNOWN` when the
   * store did not say whether it was written: read it then; other `ERR_LETHE_STORE_*`; `ERR_LETHE_WRAPPER`
   * @throws {TypeError | RangeError} for wrong arguments
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openEnvelopes } from "lethe/envelopes";
   * import { MemoryStore, openStoredSecrets } from "lethe/stores";
   *
   * const secrets = openSecrets();
   * const web1 = openEnvelopes(secrets).createIdentity();
   * const stored = openStoredSecrets(secrets, new MemoryStore());
   * const password = secrets.random(24);
   * await stored.publish("db/password", [["value", password]], [web1]); // "1764237600000@1"
   * secrets.purge();
   * ```
   */
  publish(
    key: string,
    fields: Iterable<Field>,
    recipients: readonly Recipient[],
    options?: PublishOptions,
  ): Promise<string>;
  /**
   * Lets other recipients open the version that is there. Those who opened it before may have kept its file key: to shut
   * somebody out, publish a new secret.
   *
   * @returns the version
   * @throws {LetheError} `ERR_LETHE_SOURCE_*` as reading does, `ERR_LETHE_STORE_*` as publishing does, `ERR_LETHE_WRAPPER`
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openEnvelopes } from "lethe/envelopes";
   * import { MemoryStore, openStoredSecrets } from "lethe/stores";
   *
   * const secrets = openSecrets();
   * const envelopes = openEnvelopes(secrets);
   * const [web1, web2] = [envelopes.createIdentity(), envelopes.createIdentity()];
   * const stored = openStoredSecrets(secrets, new MemoryStore());
   * await stored.publish("db", [["value", secrets.random(24)]], [web1]);
   * await stored.readdress("db", [web1], [web1, web2]); // "1764237600000@2"
   * secrets.purge();
   * ```
   */
  readdress(
    key: string,
    identities: readonly Identity[],
    recipients: readonly Recipient[],
  ): Promise<string>;
  /**
   * Takes a record out of the store, if there is one. Machines that read it keep it until it expires.
   *
   * @throws {LetheError} `ERR_LETHE_STORE_*`
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openEnvelopes } from "lethe/envelopes";
   * import { MemoryStore, openStoredSecrets } from "lethe/stores";
   *
   * const secrets = openSecrets();
   * const web1 = openEnvelopes(secrets).createIdentity();
   * const stored = openStoredSecrets(secrets, new MemoryStore());
   * await stored.publish("db", [["value", secrets.random(24)]], [web1]);
   * await stored.remove("db");
   * secrets.purge();
   * ```
   */
  remove(key: string): Promise<void>;
  /**
   * The records that these identities can open, as a source: for `rotating`, which watches it where the store can.
   *
   * @param identities stay the caller's, and must live as long as the source is used
   * @throws {TypeError | RangeError} unless they are identities
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openEnvelopes } from "lethe/envelopes";
   * import { rotating } from "lethe/rotation";
   * import { MemoryStore, openStoredSecrets } from "lethe/stores";
   *
   * const secrets = openSecrets();
   * const web1 = openEnvelopes(secrets).createIdentity();
   * const stored = openStoredSecrets(secrets, new MemoryStore());
   * await stored.publish("db", [["value", secrets.random(24)]], [web1]);
   * const login = await rotating(secrets, stored.source([web1]), "db");
   * login.use((record) => record.field().byteLength); // 24
   * login.close();
   * ```
   */
  source(identities: readonly Identity[]): SecretSource;
}
