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
   */
  field(name?: string): SecretBuffer;
}

export class LentView implements LentRecord {
  readonly #kept: KeptRecord;

  constructor(kept: KeptRecord) {
    this.#kept = kept;
  }

  get version(): string {
    return this.#kept.version;
  }

  get fields(): ReadonlyMap<string, SecretBuffer> {
    return new Map(this.#kept.fields);
  }

  get expiresAt(): Date | undefined {
    const { end } = this.#kept;
    return end === null ? undefined : new Date(end);
  }

  field(name: string = "value"): SecretBuffer {
    const secret = this.#kept.fields.get(name);
    if (secret !== undefined) return secret;
    const names = [...this.#kept.fields.keys()].map((known) => JSON.stringify(known)).join(", ");
    throw new LetheError(
      "ERR_LETHE_SOURCE_MISSING",
      `Cannot use field ${JSON.stringify(String(name)).slice(0, 200)} of record: it has ${names}; name one of these`,
    );
  }
}

redact(LentView, ({ version }) => `LentRecord(${version}, redacted)`);
