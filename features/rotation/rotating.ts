import { wrongType } from "../../core/arguments/argument_error.ts";
import { kindOf } from "../../core/arguments/kind_of.ts";
import { optional } from "../../core/arguments/own.ts";
import { isThenable } from "../../core/arguments/thenable.ts";
import { disposable } from "../../core/dispose.ts";
import { inBackground } from "../../core/in_background.ts";
import { MemorySecrets } from "../../core/memory_secrets.ts";
import { LetheError, type SecretBuffer, type Secrets } from "../../core/mod.ts";
import { redact } from "../../core/redact.ts";
import type { Land, SecretRecord, SecretSource } from "../sources/mod.ts";
import type { Clock } from "./clock.ts";
import { tell } from "./events.ts";
import { type LentRecord, LentView } from "./lent_record.ts";
import { checkOptions, type RotatingOptions } from "./options.ts";
import type { RotationPhase } from "./phases.ts";
import { closedError, purgedError, Rotation } from "./rotation.ts";
import type { WatchSecret } from "./watching.ts";

/**
 * A secret that changes while the program runs.
 *
 * A conforming implementation guarantees:
 *
 * - ROTATE-1: a scope is given one version whole, and it stays whole until the scope ends
 * - ROTATE-2: outside scopes at most two versions are in memory, the second for `overlap` milliseconds
 * - ROTATE-3: a read that fails changes nothing: the version that serves goes on until it expires
 * - ROTATE-4: what has expired is not lent, by the time of day or by the monotonic clock, whichever says so first
 * - ROTATE-5: reads follow each other, and never run at once
 *
 * It does not guarantee that what a scope copied ends with the version, nor that the server on the other
 * side still takes it: after a refusal there, `refresh` and try once more.
 */
export interface RotatingSecret extends Disposable {
  /** The version that serves; null where none does. */
  readonly version: string | null;
  /** Where it stands. */
  readonly state: RotationPhase;
  /**
   * Lends the record that serves, and the one before it while the two overlap. Both stay until `use`
   * returns, or until the promise that it returns settles.
   *
   * @throws {LetheError} `ERR_LETHE_SOURCE_EXPIRED` when it expired and could not be read again,
   * `ERR_LETHE_DESTROYED` when it was closed or purged
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { rotating } from "lethe/rotation";
   * import { makeRecord, type SecretSource } from "lethe/sources";
   *
   * const source: SecretSource = {
   *   name: "example",
   *   residue: [],
   *   read: async (_reference, { land }) => {
   *     const value = land(32, (page) => void crypto.getRandomValues(page));
   *     return makeRecord({ version: String(Math.random()), fields: [["value", value]] });
   *   },
   * };
   * const token = await rotating(openSecrets(), source, "token");
   * token.use((record) => record.field().expose((bytes) => bytes.length)); // 32
   * token.close();
   * ```
   */
  use<T>(use: (current: LentRecord, previous: LentRecord | undefined) => T): T;
  /**
   * Reads the source now. A call that comes while a read runs waits for the next read, because the one that
   * runs may have seen what was there before.
   *
   * @returns the version that serves then
   * @throws what the source threw; the version that served goes on
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { rotating } from "lethe/rotation";
   * import { makeRecord, type SecretSource } from "lethe/sources";
   *
   * const source: SecretSource = {
   *   name: "example",
   *   residue: [],
   *   read: async (_reference, { land }) => {
   *     const value = land(32, (page) => void crypto.getRandomValues(page));
   *     return makeRecord({ version: String(Math.random()), fields: [["value", value]] });
   *   },
   * };
   * const token = await rotating(openSecrets(), source, "token");
   * const before = token.version;
   * const version = await token.refresh();
   * console.log(version === before); // false
   * token.close();
   * ```
   */
  refresh(): Promise<string>;
  /**
   * Reads no more, and destroys every version; one that a scope uses, when the scope ends. Idempotent. It never
   * throws.
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { rotating } from "lethe/rotation";
   * import { makeRecord, type SecretSource } from "lethe/sources";
   *
   * const source: SecretSource = {
   *   name: "example",
   *   residue: [],
   *   read: async (_reference, { land }) => {
   *     const value = land(32, (page) => void crypto.getRandomValues(page));
   *     return makeRecord({ version: String(Math.random()), fields: [["value", value]] });
   *   },
   * };
   * const token = await rotating(openSecrets(), source, "token");
   * token.close();
   * token.state; // closed
   * ```
   */
  close(): void;
}

/**
 * Makes a {@link RotatingSecret}, by the clocks of the platform.
 *
 * @throws {TypeError | RangeError} for a wrong argument; and what the source threw at the first read
 */
export type Rotate = (
  secrets: Secrets,
  source: SecretSource,
  reference: string,
  options?: RotatingOptions,
) => Promise<RotatingSecret>;

/** Of a {@link RotatingSecret} that the program dropped. */
const DROPPED = new FinalizationRegistry<Rotation>((rotation) => rotation.close());

/** {@link Rotate} by other clocks, for tests. */
export function rotatingBy(clock: Clock): Rotate {
  return async (secrets, source, reference, options) => {
    const rotation = begin(clock, secrets, source, reference, options);
    try {
      await rotation.refresh();
    } catch (error) {
      rotation.close();
      throw error;
    }
    const secret = new Rotating(rotation, source.name);
    DROPPED.register(secret, rotation, secret);
    return secret;
  };
}

function begin(
  clock: Clock,
  secrets: Secrets,
  source: SecretSource,
  reference: string,
  given: RotatingOptions | undefined,
): Rotation {
  if (!MemorySecrets.is(secrets)) {
    throw wrongType(
      `Cannot rotate secret as secrets must come from openSecrets of this Lethe: current value is ${kindOf(secrets)}`,
    );
  }
  if (typeof source !== "object" || source === null || typeof source.read !== "function") {
    throw wrongType(
      `Cannot rotate secret as source must be a SecretSource: current value is ${kindOf(source)}`,
    );
  }
  if (typeof reference !== "string") {
    throw wrongType(
      `Cannot rotate secret as reference must be a string: current value is ${kindOf(reference)}`,
    );
  }
  const {
    onEvent,
    pollEvery = null,
    refreshBefore = null,
    watch,
    ...options
  } = checkOptions(given);
  return new Rotation({
    ...options,
    ...{ clock, pollEvery, refreshBefore },
    watch: watch === undefined ? ownWatch(source, reference) : watch || null,
    tell: (event) => {
      if (onEvent !== undefined) void Promise.resolve().then(() => tell(onEvent, event));
    },
    read: (signal, check) =>
      keepingNone(secrets, (land) =>
        source.read(reference, {
          signal,
          land(byteLength, fill) {
            if (signal.aborted) throw signal.reason;
            check();
            return land(byteLength, fill);
          },
        }),
      ),
  });
}

/** Destroys what a source landed and did not give, also when it failed: sources are written by others. */
async function keepingNone(
  secrets: MemorySecrets,
  read: (land: Land) => Promise<SecretRecord>,
): Promise<SecretRecord> {
  const landed = new Set<SecretBuffer>();
  try {
    const record = await read((byteLength, fill) => {
      const secret = secrets.land(byteLength, fill);
      landed.add(secret);
      return secret;
    });
    for (const secret of record.fields.values()) landed.delete(secret);
    return record;
  } finally {
    for (const secret of landed) {
      inBackground(
        () => secret.destroy(),
        () => null,
      );
    }
  }
}

function ownWatch(source: SecretSource, reference: string): WatchSecret | null {
  const watch = optional(source, "watch");
  return watch === undefined
    ? null
    : (onChange, signal) => Reflect.apply(watch, source, [reference, onChange, signal]);
}

class Rotating implements RotatingSecret {
  readonly #rotation: Rotation;
  readonly #source: string;

  constructor(rotation: Rotation, source: string) {
    this.#rotation = rotation;
    this.#source = source;
  }

  get version(): string | null {
    this.#rotation.look();
    return this.#rotation.current?.version ?? null;
  }

  get state(): RotationPhase {
    this.#rotation.look();
    return this.#rotation.phase;
  }

  use<T>(use: (current: LentRecord, previous: LentRecord | undefined) => T): T {
    if (typeof use !== "function") {
      throw wrongType(
        `Cannot use rotating secret as use must be a function: current value is ${kindOf(use)}`,
      );
    }
    const opened = this.#rotation.open();
    if (opened === null) throw this.#refusal();
    let pending = false;
    try {
      const { current, previous } = opened;
      const result = use(
        new LentView(current),
        previous === null ? undefined : new LentView(previous),
      );
      pending = isThenable(result);
      return pending ? (untilSettled(result, opened.end) as T) : result;
    } finally {
      if (!pending) opened.end();
    }
  }

  async refresh(): Promise<string> {
    if (this.#rotation.phase === "closed") throw closedError();
    return await this.#rotation.refresh();
  }

  close(): void {
    this.#rotation.close();
    DROPPED.unregister(this);
  }

  declare readonly [Symbol.dispose]: () => void;

  #refusal(): LetheError {
    const { phase, lastCode } = this.#rotation;
    if (phase === "closed") return closedError();
    if (phase === "purged") return purgedError();
    const cause =
      lastCode === "" ? "it was not read again yet" : `reading it again failed (${lastCode})`;
    return new LetheError(
      "ERR_LETHE_SOURCE_EXPIRED",
      `Cannot use rotating secret of ${this.#source}: it has expired, and ${cause}; await refresh() gives the whole reason`,
    );
  }
}

/** The caller's continuation runs after the scope has ended. */
async function untilSettled(pending: unknown, end: () => void): Promise<unknown> {
  try {
    return await pending;
  } finally {
    end();
  }
}

disposable(Rotating, (secret) => secret.close());
redact(Rotating, (secret) => `RotatingSecret(${secret.state}, redacted)`);
