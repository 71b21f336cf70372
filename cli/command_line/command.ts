import type { LetheError } from "../../core/mod.ts";
import type { Given } from "./given.ts";

/** `flag` takes no value, `value` one, and `list` one each time that it is given. */
export type OptionKind = "flag" | "value" | "list";

/** A command of `lethe`: what it takes, and what it does. */
export interface Command {
  /** The text of `--help`. */
  readonly usage: string;
  /** By name, without the dashes. `--help`, `-h` and `--version` are everybody's. */
  readonly options: Readonly<Record<string, OptionKind>>;
  /** How many words it takes that are neither options nor their values. Default: none. */
  readonly mostWords?: number;
  /** A program and its arguments stand behind `--`, and are nobody's options. */
  readonly startsProgram?: boolean;
  /** @returns the exit status. What it throws, `failureOf` turns into one. */
  run(given: Given): Promise<number>;
  /** The exit status for an error about a secret, where it is not the usual one. */
  statusOf?(error: LetheError): number;
}
