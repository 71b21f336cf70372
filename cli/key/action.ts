import type { KeyFiles } from "../../adapters/node/mod.ts";
import type { Asking } from "./ask.ts";
import type { Parameters } from "./parameters.ts";

/** What was done or found, as it is told. It never holds a key. */
export type Told = Readonly<Record<string, unknown>>;

/** What an action works with. */
export interface Bench extends Asking {
  readonly keys: KeyFiles;
}

/** Null: the key itself went to standard output, and nothing is told there. */
export type Action = (bench: Bench, parameters: Parameters) => Promise<Told | null>;
