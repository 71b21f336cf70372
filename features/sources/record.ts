import { wrongType } from "../../core/arguments/argument_error.ts";
import { timeOfDate } from "../../core/arguments/foreign.ts";
import { kindOf } from "../../core/arguments/kind_of.ts";
import { readOptions } from "../../core/arguments/options.ts";
import { disposable } from "../../core/dispose.ts";
import { isSecretBuffer, LetheError, type SecretBuffer } from "../../core/mod.ts";
import { redact } from "../../core/redact.ts";
import { tryAll } from "../../core/try_all.ts";
import { quote } from "./source_error.ts";

/**
 * What a source holds under one reference, as it was at one time: user and password of one account change
 * together. Its secrets belong to the program that read it, which destroys it.
 */
export interface SecretRecord extends Disposable {
  /**
   * Names this state of the secret, for logs and events: 1 to 200 printable ASCII characters that tell
   * nothing of the bytes. The same version means the same bytes; another one may hold the same.
   */
  readonly version: string;
  /** One or more secrets by name. A source that knows no names calls its only one `value`. */
  readonly fields: ReadonlyMap<string, SecretBuffer>;
  /** When it ends to be valid, as the source says; absent where it does not. */
  readonly expiresAt?: Date | undefined;
  /**
   * One of the fields.
   *
   * @param name default: `value`
   * @throws {LetheError} `ERR_LETHE_SOURCE_MISSING`
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { makeRecord } from "lethe/sources";
   *
   * const secrets = openSecrets();
   * const record = makeRecord({ version: "7", fields: [["value", secrets.random(24)]] });
   * record.field().byteLength; // 24
   * secrets.purge();
   * ```
   */
  field(name?: string): SecretBuffer;
  /**
   * Destroys every field. Idempotent.
   *
   * @throws what {@link SecretBuffer.destroy} of a field throws, when all were tried
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { makeRecord } from "lethe/sources";
   *
   * const secrets = openSecrets();
   * const record = makeRecord({ version: "7", fields: [["value", secrets.random(24)]] });
   * record.destroy();
   * secrets.purge();
   * ```
   */
  destroy(): void;
}

/** What a record is made of. */
export interface RecordParts {
  /** As {@link SecretRecord.version} has it. */
  readonly version: string;
  /** Names of 1 to 200 characters, and their secrets, which the record takes over. */
  readonly fields: Iterable<readonly [name: string, secret: SecretBuffer]>;
  /** As {@link SecretRecord.expiresAt} has it. */
  readonly expiresAt?: Date | undefined;
}

/** The field of a source that knows no names. */
export const ONLY_FIELD = "value";

/**
 * Makes a record, for authors of sources. When it throws, the secrets are still the caller's.
 *
 * @throws {TypeError} for parts of another kind; no message quotes one
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { makeRecord } from "lethe/sources";
 *
 * const secrets = openSecrets();
 * const record = makeRecord({ version: "7", fields: [["value", secrets.random(24)]] });
 * record.field().byteLength; // 24
 * secrets.purge();
 * ```
 */
export function makeRecord(parts: RecordParts): SecretRecord {
  const { version, fields, expiresAt } = readOptions(
    parts,
    VERB,
    ["version", "fields", "expiresAt"],
    "parts",
  );
  if (typeof version !== "string" || !/^[\x20-\x7e]{1,200}$/.test(version)) {
    throw wrongType(`Cannot ${VERB} as version must be 1 to 200 printable ASCII characters`);
  }
  const end = expiresAt === undefined ? undefined : timeOfDate(expiresAt);
  if (end === null || Number.isNaN(end)) {
    throw wrongType(`Cannot ${VERB} as expiresAt must be a valid Date`);
  }
  return new HeldRecord(version, checkFields(fields), end);
}

const VERB = "make record";

function checkFields(given: RecordParts["fields"] | undefined): Map<string, SecretBuffer> {
  const fields = new Map<string, SecretBuffer>();
  for (const [name, secret] of given ?? []) {
    if (typeof name !== "string" || name === "" || name.length > 200 || fields.has(name)) {
      throw wrongType(`Cannot ${VERB} as each field must have another name than the others`);
    }
    if (!isSecretBuffer(secret)) {
      throw wrongType(
        `Cannot ${VERB} as each field must be a SecretBuffer: one of them is ${kindOf(secret)}`,
      );
    }
    fields.set(name, secret);
  }
  if (fields.size === 0) throw wrongType(`Cannot ${VERB} as it must have a field`);
  return fields;
}

class HeldRecord implements SecretRecord {
  readonly #version: string;
  readonly #fields: ReadonlyMap<string, SecretBuffer>;
  readonly #end: number | undefined;

  constructor(version: string, fields: ReadonlyMap<string, SecretBuffer>, end: number | undefined) {
    this.#version = version;
    this.#fields = fields;
    this.#end = end;
  }

  get version(): string {
    return this.#version;
  }

  /** A copy: whoever changes it changes no record. */
  get fields(): ReadonlyMap<string, SecretBuffer> {
    return new Map(this.#fields);
  }

  get expiresAt(): Date | undefined {
    return this.#end === undefined ? undefined : new Date(this.#end);
  }

  field(name: string = ONLY_FIELD): SecretBuffer {
    const secret = this.#fields.get(name);
    if (secret !== undefined) return secret;
    throw new LetheError(
      "ERR_LETHE_SOURCE_MISSING",
      `Cannot read field ${quote(String(name))} of record: it has ${namesOf(this.#fields)}; name one of these`,
    );
  }

  destroy(): void {
    tryAll([...this.#fields.values()].map((secret) => () => secret.destroy()));
  }

  declare readonly [Symbol.dispose]: () => void;
}

disposable(HeldRecord, (record) => record.destroy());
redact(HeldRecord, ({ version }) => `SecretRecord(${version}, redacted)`);

/** Names of fields for a message. Whoever wrote the secret chose them, and how many there are. */
function namesOf(fields: ReadonlyMap<string, unknown>): string {
  const names = [...fields.keys()].slice(0, MOST_NAMES).map((name) => quote(name));
  return `${names.join(", ")}${fields.size > MOST_NAMES ? " and more" : ""}`;
}

const MOST_NAMES = 8;
