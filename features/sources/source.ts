import { wrongKind } from "../../core/arguments/argument_error.ts";
import type { SignalLike } from "../../core/arguments/foreign.ts";
import { readRecord } from "../../core/arguments/options.ts";
import type { LetheError, SecretBuffer, Secrets } from "../../core/mod.ts";
import type { SecretRecord } from "./record.ts";

/**
 * Where secrets come from: a file, a program, a keyring.
 *
 * A conforming source keeps these rules; `runSourceConformance` probes each of them:
 *
 * - SOURCE-1: `read` gives the bytes as they are stored: any value of a byte, any length that it allows
 * - SOURCE-2: bytes reach secret memory through `land` alone; `residue` says what stays anywhere else
 * - SOURCE-3: all fields of a record are of one version
 * - SOURCE-4: two reads that give the same `version` gave the same bytes. A version tells nothing of the bytes:
 *   it is not computed from them
 * - SOURCE-5: `read` fails with a `LetheError` of a code `ERR_LETHE_SOURCE_*`, whose message holds nothing of
 *   the answer, and leaves no live secret behind
 * - SOURCE-6: half an answer is an error: nothing is ever shortened, padded or taken from elsewhere
 * - SOURCE-7: it ends in bounded time, and rejects with the signal's reason soon after that is aborted
 * - SOURCE-8: any number of reads may run at once
 * - SOURCE-9: where it can watch, each change is announced until the signal is aborted, and none after that
 */
export interface SecretSource {
  /** Short and lower case: `file`, `exec`, `keyring`. For messages and events. */
  readonly name: string;
  /** What a read leaves outside secret memory, and where, a sentence each. Empty: nothing, as far as measured. */
  readonly residue: readonly string[];
  /**
   * Reads what `reference` names, now. Nothing is kept: what it gives is the caller's to dispose.
   *
   * @throws {LetheError} `ERR_LETHE_SOURCE_*`, and what secret memory throws when it is exhausted
   * @throws {TypeError} for a reference that is none of this source
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { landingOf, MemorySource } from "lethe/sources";
   *
   * const secrets = openSecrets();
   * const source = new MemorySource(); // or any other
   * source.set("token", [["value", secrets.random(24)]]);
   * const record = await source.read("token", { land: landingOf(secrets) });
   * record.destroy();
   * secrets.purge();
   * ```
   */
  read(reference: string, context: ReadContext): Promise<SecretRecord>;
  /**
   * Sees changes of what `reference` names, until `signal` is aborted. A change may be announced that is
   * none; none is left out. Missing where the source cannot tell: then poll.
   *
   * @param onChange called after each change, and once with an error when no more can be seen. It is not
   * called before the promise resolves, nor after `signal` was aborted
   * @returns a promise that resolves once changes are seen, and rejects when they cannot be
   * @throws {LetheError} `ERR_LETHE_SOURCE_*`; the signal's reason, when it is aborted
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { landingOf, MemorySource } from "lethe/sources";
   *
   * const secrets = openSecrets();
   * const source = new MemorySource(); // or any other
   * source.set("token", [["value", secrets.random(24)]]);
   * const stop = new AbortController();
   * await source.watch("token", () => undefined, stop.signal);
   * stop.abort();
   * secrets.purge();
   * ```
   */
  watch?(
    reference: string,
    onChange: (ended?: LetheError) => void,
    signal: SignalLike,
  ): Promise<void>;
}

/** What a source is given for one read. */
export interface ReadContext {
  /** The way into secret memory. */
  readonly land: Land;
  /** Ends the read, which then rejects with the signal's reason. */
  readonly signal?: SignalLike | undefined;
  /**
   * Whether the read keeps the process alive until it ends. Default: true. With false a source should let the process end
   * before it: `rotating` says so of reads that nobody waits for.
   */
  readonly holds?: boolean | undefined;
}

/**
 * Makes a secret that `fill` writes in place; its page is open for that call alone: see {@link Secrets.land}.
 * For bytes that come in pieces, land a secret of the most that there may be, and `modify` it for each piece.
 */
export type Land = (
  byteLength: number,
  fill: (page: Uint8Array<ArrayBuffer>) => void,
) => SecretBuffer;

/**
 * The landing of `secrets`: a source makes secrets with it, and reaches no other. It never throws.
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { landingOf, MemorySource } from "lethe/sources";
 *
 * const secrets = openSecrets();
 * const source = new MemorySource(); // or any other
 * source.set("token", [["value", secrets.random(24)]]);
 * const record = await source.read("token", { land: landingOf(secrets) });
 * record.destroy();
 * secrets.purge();
 * ```
 */
export function landingOf(secrets: Secrets): Land {
  return (byteLength, fill) => secrets.land(byteLength, fill);
}

/**
 * What a read was given: its own `land` and `signal`, and nothing that lies on `Object.prototype`.
 *
 * @throws {TypeError} for a context without the way into secret memory
 */
export function contextOf(given: ReadContext): ReadContext {
  const context = readRecord(given, VERB, "context", ["land", "signal", "holds"]);
  if (typeof context.land === "function") return context as ReadContext;
  throw wrongKind(
    `Cannot ${VERB} as context.land must be a function, as landingOf() gives it`,
    context.land,
  );
}

const VERB = "read secret";
