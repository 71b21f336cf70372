import type { KeyWrapper } from "../../core/contract/key_wrapper.ts";
import type { Secrets } from "../../core/mod.ts";

/** What bounds a cache of file keys. There are no defaults: how long a key may be used is the program's to say. */
export interface CacheLimits {
  /**
   * Milliseconds after which a file key is not given any more, counted from the moment at which the wrapper was asked: 1 to
   * 86,400,000, a day. A key that was disabled, and an access that was taken away, are of effect after that time.
   */
  readonly maxAge: number;
  /** How many times one answer of the wrapper is given, the first time included: 1 to 2^32. With 1 nothing is kept. */
  readonly uses: number;
  /** How many file keys are kept at a time: 1 to 100,000. The one that was used least recently goes. */
  readonly entries: number;
}

/**
 * A wrapper that keeps what another one unwrapped.
 *
 * - CACHE-1: a file key is given for exactly those stanzas, in that order, for which the wrapper gave it, and only if the
 *   wrapper was asked less than `maxAge` before. A clock that is set back prolongs nothing
 * - CACHE-2: one answer is given at most `uses` times. A use is counted before the key is given
 * - CACHE-3: at most `entries` keys are kept
 * - CACHE-4: at most `uses` simultaneous calls for the same stanzas share one question. A call that comes when a question has
 *   been open for ten seconds asks another one
 * - CACHE-5: between uses a key lies in an enclave alone; a limit that is reached destroys it, as do `close` and a purge
 * - CACHE-6: an error, and the answer that no stanza is for this key, are not kept
 *
 * Wrapping is passed through. It is not promised that the program may still use the wrapper's key: code that holds this object
 * opens what is in the cache without a question, and the log of a service does not show it.
 */
export interface CachedWrapper extends KeyWrapper, Disposable {
  /**
   * Destroys every key that is kept. Calls that wait, and later ones, fail with `ERR_LETHE_DESTROYED`. The wrapper underneath stays.
   * Repeating it does nothing; it never throws.
   *
   * @example
   * ```ts
   * import { openSecrets } from "lethe";
   * import { openEnvelopes } from "lethe/envelopes";
   * import { cached } from "lethe/key-cache";
   *
   * const secrets = openSecrets();
   * const identity = openEnvelopes(secrets).createIdentity();
   * const cache = cached(secrets, identity, { maxAge: 60_000, uses: 100, entries: 50 });
   * cache.close();
   * identity.destroy();
   * ```
   */
  close(): void;
}

/** The type of {@link cached}. */
export type Cached = (secrets: Secrets, wrapper: KeyWrapper, limits: CacheLimits) => CachedWrapper;
