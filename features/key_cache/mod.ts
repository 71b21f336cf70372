/**
 * A cache of file keys: repeated openings of an envelope do not ask its key wrapper again.
 *
 * @module
 */
export type { KeyWrapper } from "../../core/contract/key_wrapper.ts";
export { cached } from "./cached.ts";
export type { Cached, CachedWrapper, CacheLimits } from "./types.ts";
