import { inBackground } from "../../core/in_background.ts";
import { publicCode } from "../../core/public_code.ts";

/**
 * What happened to a rotating secret. It names versions and codes, and never a byte, a reference or a
 * sentence of another library.
 *
 * - `rotated`: another version serves from here on. `previous` can still be used, or is null
 * - `renewed`: the version that serves was read again
 * - `retired`: this version can no longer be used; scopes that are open go on
 * - `expired`: the version that served has expired before it could be read again
 * - `purged`: somebody else destroyed the secrets of this version. Nothing is read until `refresh` is called
 * - `refresh-failed`: the read number `failures` in a row that failed. Another follows `retryIn`
 *   milliseconds later; null: when it is asked for
 * - `watch-ended`: changes are no longer seen, and the source is read every `pollEvery` milliseconds
 *   until they are
 * - `closed`: nothing happens any more
 */
export type RotationEvent =
  | { readonly kind: "rotated"; readonly version: string; readonly previous: string | null }
  | { readonly kind: "renewed"; readonly version: string }
  | { readonly kind: "retired"; readonly version: string }
  | { readonly kind: "expired"; readonly version: string }
  | { readonly kind: "purged"; readonly version: string }
  | {
      readonly kind: "refresh-failed";
      readonly code: string;
      readonly failures: number;
      readonly retryIn: number | null;
    }
  | { readonly kind: "watch-ended"; readonly code: string; readonly pollEvery: number }
  | { readonly kind: "closed" };

/** Tells a listener, in which nothing can go wrong for the rotation. */
export function tell(
  listener: ((event: RotationEvent) => void) | undefined,
  event: RotationEvent,
): void {
  if (listener === undefined) return;
  inBackground(
    () => listener(Object.freeze(event)),
    () => `A listener to the events of a rotating secret threw for ${event.kind}`,
  );
}

/** The code of an error as an event names it. */
export function codeOf(error: unknown): string {
  return publicCode(error) ?? UNKNOWN;
}

const UNKNOWN = "ERR_LETHE_SOURCE_FAILED";
