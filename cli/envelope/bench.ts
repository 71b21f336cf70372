import type { Envelopes } from "../../features/envelopes/mod.ts";
import type { Asking } from "../key/ask.ts";

/** What the actions work with. */
export interface Bench extends Asking {
  readonly envelopes: Envelopes;
}
