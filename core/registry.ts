import { LetheError, type LetheErrorCode, MISUSE } from "./contract/errors.ts";
import type { Guarantees } from "./contract/guarantees.ts";
import { tryAll } from "./try_all.ts";

/** Counts about the secrets of one {@link Secrets}. Numbers only, never content. */
export interface Stats {
  /** Secrets that are not destroyed. */
  readonly live: number;
  /** Enclaves that are not destroyed. */
  readonly sealed: number;
  /** Bytes of the live secrets. */
  readonly bytes: number;
  /** Bytes of those live secrets whose own guarantees say that they are locked. */
  readonly lockedBytes: number;
  /** Scopes opened so far, `expose` and `modify`. */
  readonly exposes: number;
  /** Secrets that the program dropped without `destroy()` and the collector found. */
  readonly collected: number;
}

/** What happens on misuse: a typed error, or the end of the process. */
export type MisusePolicy = "throw" | "crash";

/** Ends the process at once: one line on standard error, then abort. Absent where none exists. */
export type Abort = (line: string) => never;

/** A live secret, as far as a registry knows it. */
export interface Member {
  readonly byteLength: number;
  readonly guarantees: Guarantees;
  /** A line with the place of creation, when leaks are tracked. */
  readonly origin: string | undefined;
  destroy(): void;
}

/** What holds the keys of sealed secrets, and ends with the secrets. */
export interface Sealing {
  readonly live: number;
  purge(): void;
}

/** Set while a crash wipes, so that a secret whose wipe fails then does not start another. */
let crashing = false;

/** Registries with a live secret: what a crash must wipe, whoever opened it. */
const OCCUPIED = new Set<Registry>();

/**
 * The live secrets of one {@link Secrets}, strongly held so that a purge reaches each of them, also
 * those whose `SecretBuffer` nobody holds any more.
 */
export class Registry {
  readonly #live = new Set<Member>();
  readonly #sealings = new Set<Sealing>();
  readonly #policy: MisusePolicy;
  readonly #abort: Abort | undefined;
  #bytes = 0;
  #exposes = 0;
  #collected = 0;

  constructor(policy: MisusePolicy, abort: Abort | undefined) {
    this.#policy = policy;
    this.#abort = abort;
  }

  add(member: Member): void {
    this.#live.add(member);
    this.#bytes += member.byteLength;
    OCCUPIED.add(this);
  }

  remove(member: Member): void {
    if (!this.#live.delete(member)) return;
    this.#bytes -= member.byteLength;
    this.#vacate();
  }

  /** From here on a purge ends `sealing` too, the keys first. */
  attach(sealing: Sealing): void {
    this.#sealings.add(sealing);
    OCCUPIED.add(this);
  }

  detach(sealing: Sealing): void {
    this.#sealings.delete(sealing);
    this.#vacate();
  }

  #vacate(): void {
    if (this.#live.size === 0 && this.#sealings.size === 0) OCCUPIED.delete(this);
  }

  get #sealed(): number {
    let sealed = 0;
    for (const { live } of this.#sealings) sealed += live;
    return sealed;
  }

  countExpose(): void {
    this.#exposes += 1;
  }

  countCollected(): void {
    this.#collected += 1;
  }

  get stats(): Stats {
    let lockedBytes = 0;
    for (const member of this.#live) {
      if (member.guarantees.locked.level === "enforced") lockedBytes += member.byteLength;
    }
    return Object.freeze({
      live: this.#live.size,
      sealed: this.#sealed,
      bytes: this.#bytes,
      lockedBytes,
      exposes: this.#exposes,
      collected: this.#collected,
    });
  }

  /** Where the live secrets were created, as far as it was traced. */
  get origins(): readonly string[] {
    const held = [...this.#live].map(
      ({ byteLength, origin }) => `${byteLength} bytes${origin ?? ""}`,
    );
    const sealed = this.#sealed;
    return sealed === 0 ? held : [...held, `sealed in enclaves: ${sealed}`];
  }

  /**
   * Destroys every live secret. One that fails does not keep the others: all are tried, then the
   * first error is raised.
   */
  purge(): void {
    tryAll([
      ...[...this.#sealings].map((sealing) => () => sealing.purge()),
      ...[...this.#live].map((member) => () => member.destroy()),
    ]);
  }

  /**
   * Raises `code`. Under `onMisuse: "crash"` a misuse first destroys every live secret of every
   * registry, then aborts; it throws only where the runtime has no way to abort.
   */
  raise(code: LetheErrorCode, message: string): never {
    if (this.#policy === "crash" && MISUSE.has(code) && !crashing) {
      crashing = true;
      try {
        purgeAll();
        this.#abort?.(`lethe: ${code}: ${message}`);
      } finally {
        crashing = false;
      }
    }
    throw new LetheError(code, message);
  }
}

/** Destroys every live secret of this thread. Never throws: it runs where nobody could catch. */
export function purgeAll(): void {
  for (const registry of [...OCCUPIED]) {
    try {
      registry.purge();
    } catch {
      // The process is ending: what could be wiped is wiped, and the first misuse is the one told.
    }
  }
}

/**
 * Fails when a secret of this thread is still live: put it behind each test.
 *
 * It sees secrets, not copies: for those, scan the process with the conformance suite's forensics.
 *
 * @throws {LetheError} `ERR_LETHE_LEAK`, with the number of live secrets and, for those of a
 * {@link Secrets} opened with `trackLeaks`, where each was created
 *
 * @example
 * ```ts
 * import { assertNoSecrets, openSecrets } from "lethe";
 *
 * const key = openSecrets({ trackLeaks: true }).random(32);
 * key.destroy();
 * assertNoSecrets(); // afterEach(assertNoSecrets) in vitest, jest, bun:test
 * ```
 */
export function assertNoSecrets(): void {
  const origins = [...OCCUPIED].flatMap((registry) => registry.origins);
  if (origins.length === 0) return;
  const count = origins.length === 1 ? "1 secret is" : `${origins.length} secrets are`;
  throw new LetheError(
    "ERR_LETHE_LEAK",
    `${count} still live; destroy each, or declare it with using:\n${origins.map((origin) => `  ${origin}`).join("\n")}`,
  );
}
