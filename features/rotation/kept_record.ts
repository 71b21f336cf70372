import { timeOfDate } from "../../core/arguments/foreign.ts";
import { kindOf } from "../../core/arguments/kind_of.ts";
import { inBackground } from "../../core/in_background.ts";
import { isSecretBuffer, LetheError, type SecretBuffer } from "../../core/mod.ts";
import { tryAll } from "../../core/try_all.ts";
import type { SecretRecord } from "../sources/mod.ts";
import type { Term } from "./term.ts";

/** A record of a rotation, which lives as long as it can be used, or is. */
export class KeptRecord {
  /** Of the last read that gave these bytes. */
  version: string;
  readonly fields: ReadonlyMap<string, SecretBuffer>;
  /** Milliseconds since 1970; null: it does not expire. */
  end: number | null;
  term: Term | null = null;
  readonly #record: SecretRecord;
  #scopes = 0;
  #retired = false;

  /**
   * Takes over what a source gave. Sources are written by others, so it is looked at once, here.
   *
   * @throws {LetheError} `ERR_LETHE_SOURCE_FORMAT`; what it holds is destroyed then
   */
  constructor(record: SecretRecord) {
    try {
      this.#record = record;
      this.version = checkVersion(record.version);
      this.fields = checkFields(record.fields);
      this.end = checkEnd(record.expiresAt);
    } catch (error) {
      inBackground(
        () => record.destroy(),
        () => null,
      );
      throw error instanceof LetheError ? error : broken("it cannot be read");
    }
  }

  /** Whether somebody else destroyed a secret of it: a purge, or a user of it. */
  get isBroken(): boolean {
    return [...this.fields.values()].some(({ state }) => state === "destroyed");
  }

  /**
   * Whether another record holds the same bytes. Versions do not decide: a source may name a new version of the same
   * bytes, and a broken one, or a volume whose writer uses a name again, gives other bytes under a version that was.
   */
  equals(other: KeptRecord): boolean {
    if (this.fields.size !== other.fields.size) return false;
    try {
      return [...this.fields].every(([name, secret]) => {
        const match = other.fields.get(name);
        return match?.byteLength === secret.byteLength && secret.equals(match);
      });
    } catch {
      return false; // somebody modifies it now
    }
  }

  /** From here on it is the record of a later read that gave the same bytes. */
  renew({ version, end, term }: KeptRecord): void {
    this.version = version;
    this.end = end;
    this.term = term;
  }

  /** Opens a scope. @returns what ends it, once */
  hold(): () => void {
    let open = true;
    this.#scopes++;
    return () => {
      if (!open) return;
      open = false;
      this.#scopes--;
      this.#destroyIfDone();
    };
  }

  /** From here on nobody opens a scope; the record is destroyed when the last one ends. */
  retire(): void {
    this.#retired = true;
    this.#destroyIfDone();
  }

  #destroyIfDone(): void {
    if (!this.#retired || this.#scopes > 0) return;
    const destroyAll = (): void =>
      tryAll([
        () => this.#record.destroy(),
        ...[...this.fields.values()].map((secret) => () => secret.destroy()),
      ]);
    inBackground(
      destroyAll,
      (code) => `Lethe could not destroy a secret that was replaced: ${code}`,
    );
  }
}

function checkVersion(version: unknown): string {
  if (typeof version === "string" && /^[\x20-\x7e]{1,200}$/.test(version)) return version;
  throw broken("its version is not 1 to 200 printable ASCII characters");
}

function checkFields(given: SecretRecord["fields"]): ReadonlyMap<string, SecretBuffer> {
  const fields = new Map(given);
  for (const secret of fields.values()) {
    if (!isSecretBuffer(secret)) throw broken(`a field of it is ${kindOf(secret)}`);
    if (secret.state === "destroyed") throw broken("a field of it is destroyed");
  }
  if (fields.size === 0) throw broken("it has no field");
  return fields;
}

function checkEnd(expiresAt: unknown): number | null {
  if (expiresAt === undefined) return null;
  const end = timeOfDate(expiresAt);
  if (end !== null && !Number.isNaN(end)) return end;
  throw broken("its expiresAt is not a valid Date");
}

function broken(reason: string): LetheError {
  return new LetheError(
    "ERR_LETHE_SOURCE_FORMAT",
    `Cannot use the record that the source gave: ${reason}; a source makes its records with makeRecord`,
  );
}
