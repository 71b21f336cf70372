import { PLATFORM_CLOCK } from "../../core/clock.ts";
import { cachedBy } from "./caching_wrapper.ts";
import type { Cached } from "./types.ts";

/**
 * Keeps the file keys that a wrapper unwraps, sealed in enclaves of `secrets`, and gives them again: for envelopes that are opened
 * often, and wrappers that take long or cost money: a service, a token, a passphrase. All three limits have to be there.
 *
 * It keeps no process alive.
 *
 * @throws {TypeError | RangeError} unless each limit is an integer in its range, and for secrets or a wrapper that are none
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` without an engine for enclaves
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { openEnvelopes } from "lethe/envelopes";
 * import { cached } from "lethe/key-cache";
 *
 * const secrets = openSecrets();
 * const envelopes = openEnvelopes(secrets);
 * const identity = envelopes.createIdentity(); // or the key of a service
 * const cache = cached(secrets, identity, { maxAge: 60_000, uses: 100, entries: 50 });
 * const envelope = await envelopes.seal(secrets.random(32), [cache]);
 * for (let count = 0; count < 3; count++) {
 *   const secret = await envelopes.open(envelope, [cache]); // the identity is asked once
 *   secret.destroy();
 * }
 * cache.close();
 * identity.destroy();
 * ```
 */
export const cached: Cached = cachedBy(PLATFORM_CLOCK);
