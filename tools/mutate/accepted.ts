/** Survivors that were looked into, and why no test kills them. */
import { CORE } from "./accepted/core.ts";
import { CRYPTO } from "./accepted/crypto.ts";
import { ENVELOPES } from "./accepted/envelopes.ts";
import type { Accepted } from "./accepted/explanation.ts";
import { FEATURES } from "./accepted/features.ts";
import { MEMORIES } from "./accepted/memories.ts";

export const ACCEPTED: readonly Accepted[] = [
  ...CORE,
  ...MEMORIES,
  ...FEATURES,
  ...CRYPTO,
  ...ENVELOPES,
];
