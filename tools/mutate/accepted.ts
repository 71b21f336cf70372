/** Survivors that were looked into, and why no test kills them. */
import type { Survivor } from "./results.ts";

export interface Accepted extends Survivor {
  readonly why: string;
}

export const ACCEPTED: readonly Accepted[] = [];
