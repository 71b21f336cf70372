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

/** Books with a live secret: what a crash must wipe, whoever opened it. */
const OCCUPIED = new Set<Books>();

/** What is counted of the secrets of one {@link Secrets}, and reached by a purge. */
export class Books {
  readonly live: Set<Member> = new Set<Member>();
  readonly sealings: Set<Sealing> = new Set<Sealing>();
  bytes = 0;
  exposes = 0;
  collected = 0;

  /**
   * Destroys every live secret. One that fails does not keep the others: all are tried, then the
   * first error is raised.
   */
  purge(): void {
    tryAll([
      ...[...this.sealings].map((sealing) => () => sealing.purge()),
      ...[...this.live].map((member) => () => member.destroy()),
    ]);
  }
}

/**
 * The live secrets of one {@link Secrets}, strongly held so that a purge reaches each of them, also
 * those whose `SecretBuffer` nobody holds any more.
 */
export class Registry {
  /** Within the package: no program reaches a registry. */
  readonly books: Books;
  readonly #policy: MisusePolicy;
  readonly #abort: Abort | undefined;

  constructor(policy: MisusePolicy, abort: Abort | undefined, books: Books = new Books()) {
    this.#policy = policy;
    this.#abort = abort;
    this.books = books;
  }

  add(member: Member): void {
    this.books.live.add(member);
    this.books.bytes += member.byteLength;
    OCCUPIED.add(this.books);
  }

  remove(member: Member): void {
    if (!this.books.live.delete(member)) return;
    this.books.bytes -= member.byteLength;
    vacate(this.books);
  }

  get stats(): Stats {
    const { live, bytes, exposes, collected } = this.books;
    let lockedBytes = 0;
    for (const { guarantees, byteLength } of live) {
      if (guarantees.locked.level === "enforced") lockedBytes += byteLength;
    }
    return Object.freeze({
      live: live.size,
      sealed: countSealed(this.books),
      bytes,
      lockedBytes,
      exposes,
      collected,
    });
  }

  /** See {@link Books.purge}. */
  purge(): void {
    this.books.purge();
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

// What features take of it lies beside the class, so that a page that only holds secrets has none of it.

/**
 * The same books under another misuse policy, for secrets whose misuse ends the process although that
 * of their neighbours does not: they are counted and purged together.
 */
export function registryUnder(
  { books }: Registry,
  policy: MisusePolicy,
  abort: Abort | undefined,
): Registry {
  return new Registry(policy, abort, books);
}

/** From here on a purge ends `sealing` too, the keys first. */
export function attachSealing({ books }: Registry, sealing: Sealing): void {
  books.sealings.add(sealing);
  OCCUPIED.add(books);
}

/** Undoes {@link attachSealing}. */
export function detachSealing({ books }: Registry, sealing: Sealing): void {
  books.sealings.delete(sealing);
  vacate(books);
}

function vacate(books: Books): void {
  if (books.live.size === 0 && books.sealings.size === 0) OCCUPIED.delete(books);
}

function countSealed({ sealings }: Books): number {
  let sealed = 0;
  for (const { live } of sealings) sealed += live;
  return sealed;
}

/** Where the live secrets were created, as far as it was traced. */
function originsOf(books: Books): readonly string[] {
  const held = [...books.live].map(
    ({ byteLength, origin }) => `${byteLength} bytes${origin ?? ""}`,
  );
  const sealed = countSealed(books);
  return sealed === 0 ? held : [...held, `sealed in enclaves: ${sealed}`];
}

/** Destroys every live secret of this copy in this thread. Never throws: it runs where nobody could catch. */
export function purgeAll(): void {
  for (const books of [...OCCUPIED]) {
    try {
      books.purge();
    } catch {
      // The process is ending: what could be wiped is wiped, and the first misuse is the one told.
    }
  }
}

/**
 * Fails when a secret is still live that this copy of Lethe made in this thread: put it behind each test.
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
  const origins = [...OCCUPIED].flatMap(originsOf);
  if (origins.length === 0) return;
  const count = origins.length === 1 ? "1 secret is" : `${origins.length} secrets are`;
  throw new LetheError(
    "ERR_LETHE_LEAK",
    `${count} still live; destroy each, or declare it with using:\n${origins.map((origin) => `  ${origin}`).join("\n")}`,
  );
}
