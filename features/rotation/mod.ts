/**
 * Secrets that change while a program runs: read again before they expire or when they change, the old version
 * kept for those who use it.
 *
 * @module
 */
export type { RotationEvent } from "./events.ts";
export type { LentRecord } from "./lent_record.ts";
export type { RotatingOptions } from "./options.ts";
export type { RotationPhase } from "./phases.ts";
export { rotating } from "./rotate.ts";
export type { Rotate, RotatingSecret } from "./rotating_secret.ts";
export type { WatchDirectory, WatchSecret } from "./watching.ts";
