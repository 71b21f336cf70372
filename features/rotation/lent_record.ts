import { LetheError, type SecretBuffer } from "../../core/mod.ts";
import { redact } from "../../core/redact.ts";
import type { KeptRecord } from "./kept_record.ts";

/**
 * A record as a scope of {@link RotatingSecret.use} lends it. Its secrets belong to the rotation, which
 * destroys them some time after the scope has ended: keep none of them.
 */
export interface LentRecord {
  /** Names this state of the secret. It tells nothing of the bytes. */
  readonly version: string;
  /** The secrets by name, all of this version. */
  readonly fields: ReadonlyMap<string, SecretBuffer>;
  /** When it expires; absent where the source does not say. */
  readonly expiresAt?: Date | undefined;
  /**
   * One of the fields.
   *
   * @param name default: `value`
   * @throws {LetheError} `ERR_LETHE_SOURCE_MISSING` naming those that there are
   *
   * @example
   * ```ts
   * import type { RotatingSecret } from "lethe/rotation";
   *
   * export function loginLength(login: RotatingSecret): number {
   *   return login.use((record) => record.field("user").byteLength + record.field("password").byteLength);
   * }
   * ```
   */
  field(name?: string): SecretBuffer;
}

export class LentView implements LentRecord {
  readonly version: string;
  readonly #fields: ReadonlyMap<string, SecretBuffer>;
  readonly #end: number | null;

  /** As it is now: a record may be renewed while a scope uses it. */
  constructor({ version, fields, end }: KeptRecord) {
    this.version = version;
    this.#fields = fields;
    this.#end = end;
  }

  get fields(): ReadonlyMap<string, SecretBuffer> {
    return new Map(this.#fields);
  }

  get expiresAt(): Date | undefined {
    return this.#end === null ? undefined : new Date(this.#end);
  }

  field(name: string = "value"): SecretBuffer {
    const secret = this.#fields.get(name);
    if (secret !== undefined) return secret;
    const some = [...this.#fields.keys()].slice(0, 8).map((known) => JSON.stringify(known));
    const names = `${some.join(", ")}${this.#fields.size > some.length ? " and more" : ""}`;
    throw new LetheError(
      "ERR_LETHE_SOURCE_MISSING",
      `Cannot use field ${JSON.stringify(String(name)).slice(0, 200)} of record: it has ${names}; name one of these`,
    );
  }
}

redact(LentView, ({ version }) => `LentRecord(${version}, redacted)`);
