import { wrongType } from "../../core/arguments/argument_error.ts";
import { throwIfAborted } from "../../core/arguments/foreign.ts";
import { has } from "../../core/arguments/own.ts";
import { isSecretBuffer, type LetheError, type SecretBuffer } from "../../core/mod.ts";
import { makeRecord, type SecretRecord } from "./record.ts";
import { contextOf, type ReadContext, type SecretSource } from "./source.ts";
import { type SourceErrorCode, sourceError } from "./source_error.ts";

/**
 * A source for tests, which holds secrets in memory and fails on demand. Nothing in Lethe ever falls back to it.
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { landingOf, MemorySource } from "lethe/sources";
 *
 * const secrets = openSecrets();
 * const source = new MemorySource();
 * source.set("db", [["user", secrets.random(4)], ["password", secrets.random(16)]]);
 * const record = await source.read("db", { land: landingOf(secrets) });
 * record.field("password").byteLength; // 16
 * source.fail("db", "ERR_LETHE_SOURCE_LOCKED"); // from here on, until set() again
 * secrets.purge();
 * ```
 */
export class MemorySource implements SecretSource {
  /** As {@link SecretSource.name} has it. */
  readonly name = "memory";
  /** Empty: what it holds are secrets. */
  readonly residue: readonly string[] = Object.freeze([]);
  readonly #kept = new Map<string, Kept>();
  readonly #watchers = new Set<Watcher>();
  #versions = 0;

  /**
   * Keeps a new version under `reference`, and tells those that watch it. The source destroys the secrets when
   * another version takes their place.
   *
   * @throws {TypeError} for anything but secrets by their names
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { landingOf, MemorySource } from "lethe/sources";
   *
   * const secrets = openSecrets();
   * const source = new MemorySource();
   * source.set("token", [["value", secrets.random(24)]]);
   * const record = await source.read("token", { land: landingOf(secrets) });
   * record.destroy();
   * secrets.purge();
   * ```
   */
  set(
    reference: string,
    fields: Iterable<readonly [name: string, secret: SecretBuffer]>,
    expiresAt?: Date,
  ): void {
    const list = [...fields];
    if (list.length === 0 || list.some(([, secret]) => !isSecretBuffer(secret))) {
      throw wrongType("Cannot set record as fields must be secrets by their names");
    }
    this.#versions += 1;
    this.#replace(reference, { version: `${this.#versions}`, fields: list, expiresAt });
  }

  /**
   * Lets each read of `reference` fail from now on, until it is set again. It never throws.
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { landingOf, MemorySource } from "lethe/sources";
   *
   * const secrets = openSecrets();
   * const source = new MemorySource();
   * source.set("token", [["value", secrets.random(24)]]);
   * source.fail("token", "ERR_LETHE_SOURCE_LOCKED");
   * await source.read("token", { land: landingOf(secrets) }).catch((error) => error.code);
   * secrets.purge();
   * ```
   */
  fail(reference: string, code: SourceErrorCode): void {
    this.#replace(reference, { code });
  }

  /**
   * Forgets what is under `reference`: reads fail with `ERR_LETHE_SOURCE_MISSING`. It never throws.
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { landingOf, MemorySource } from "lethe/sources";
   *
   * const secrets = openSecrets();
   * const source = new MemorySource();
   * source.set("token", [["value", secrets.random(24)]]);
   * source.delete("token");
   * await source.read("token", { land: landingOf(secrets) }).catch((error) => error.code);
   * secrets.purge();
   * ```
   */
  delete(reference: string): void {
    this.#replace(reference, undefined);
  }

  /**
   * As {@link SecretSource.read} has it: a copy of what was set.
   *
   * @throws {LetheError} the code that `fail` was given; `ERR_LETHE_SOURCE_MISSING`
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { landingOf, MemorySource } from "lethe/sources";
   *
   * const secrets = openSecrets();
   * const source = new MemorySource();
   * source.set("token", [["value", secrets.random(24)]]);
   * const record = await source.read("token", { land: landingOf(secrets) });
   * record.field().byteLength; // 24
   * record.destroy();
   * secrets.purge();
   * ```
   */
  async read(reference: string, context: ReadContext): Promise<SecretRecord> {
    const { land, signal } = contextOf(context);
    throwIfAborted(signal);
    const kept = this.#kept.get(reference);
    if (kept === undefined) {
      throw sourceError(
        "ERR_LETHE_SOURCE_MISSING",
        this.name,
        reference,
        "there is none; set() one first",
      );
    }
    if (has(kept, "code")) {
      throw sourceError(
        kept.code,
        this.name,
        reference,
        "fail() was called for it; set() it again",
      );
    }
    const made: SecretBuffer[] = [];
    try {
      const fields = kept.fields.map(([name, secret]) => {
        const copy = secret.expose((bytes) => land(bytes.length, (page) => page.set(bytes)));
        made.push(copy);
        return [name, copy] as const;
      });
      return makeRecord({ version: kept.version, fields, expiresAt: kept.expiresAt });
    } catch (error) {
      for (const copy of made) copy.destroy();
      throw error;
    }
  }

  /**
   * As {@link SecretSource.watch} has it.
   *
   * @throws the reason of the signal, when it is aborted already
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { landingOf, MemorySource } from "lethe/sources";
   *
   * const secrets = openSecrets();
   * const source = new MemorySource();
   * source.set("token", [["value", secrets.random(24)]]);
   * const stop = new AbortController();
   * await source.watch("token", () => undefined, stop.signal);
   * source.set("token", [["value", secrets.random(24)]]); // calls it
   * stop.abort();
   * secrets.purge();
   * ```
   */
  async watch(
    reference: string,
    onChange: (ended?: LetheError) => void,
    signal: NonNullable<ReadContext["signal"]>,
  ): Promise<void> {
    throwIfAborted(signal);
    const watcher = { reference, onChange };
    this.#watchers.add(watcher);
    signal.addEventListener("abort", () => void this.#watchers.delete(watcher));
  }

  #replace(reference: string, kept: Kept | undefined): void {
    const old = this.#kept.get(reference);
    if (kept === undefined) this.#kept.delete(reference);
    else this.#kept.set(reference, kept);
    if (old !== undefined && has(old, "fields"))
      for (const [, secret] of old.fields) secret.destroy();
    for (const watcher of [...this.#watchers]) {
      if (watcher.reference === reference) watcher.onChange();
    }
  }
}

interface Watcher {
  readonly reference: string;
  onChange(ended?: LetheError): void;
}

type Kept =
  | {
      readonly version: string;
      readonly fields: readonly (readonly [string, SecretBuffer])[];
      readonly expiresAt: Date | undefined;
    }
  | { readonly code: SourceErrorCode };
