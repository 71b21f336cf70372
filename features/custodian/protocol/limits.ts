import { KEY_BYTES, TAG_BYTES } from "../../../core/contract/sizes.ts";

/**
 * Bounds of the channel. What is larger is refused by the sender with a `RangeError`, and ends the
 * session when it arrives all the same.
 */
/** The most bytes of one secret on the channel. */
export const MAX_SECRET = 65_536;
/** The most bytes of data beside it: what is signed, or a sealed message. */
export const MAX_DATA = 65_536;
/** The most bytes of the public part of a message. */
export const MAX_META = 98_304;
/** A session's two: to seal with, and to open with. */
export const SESSION_KEY_BYTES: number = 2 * KEY_BYTES;
/** What is made for each frame, in the nonces of its parts. */
export const SALT_BYTES = 16;
/** Two lengths, of the public part and of the secret, and the salt. */
export const PREFIX_BYTES: number = 8 + SALT_BYTES;
/** The largest frame, and so the most that a session keeps of unread input. */
export const MAX_FRAME: number = PREFIX_BYTES + MAX_META + TAG_BYTES + MAX_SECRET + TAG_BYTES;
/** No session lives that long; it ends before a counter could lose its exactness. */
export const LAST_COUNTER: number = 2 ** 48;
/** The most secrets of one custodian, and the most bytes that they have together. */
export const MOST_SECRETS = 100_000;
export const MOST_BYTES: number = 2 ** 28;
