import type { Given } from "./given.ts";

/** `flag` takes no value, `value` one, and `list` one each time that it is given. */
export type OptionKind = "flag" | "value" | "list";

/** An option of a command. Help, the man page and the completions of shells are made of it. */
export interface Option {
  readonly kind: OptionKind;
  /** What stands for its value in help: `N`, `PATH`. A flag has none. */
  readonly value?: string;
  /** What it does, in a phrase or in sentences. */
  readonly about: string;
  /** Every value that it takes, or `file` or `folder` where it names one. */
  readonly values?: readonly string[] | "file" | "folder";
  /** Its value is the number of a descriptor that the caller opened. That is checked before the command runs. */
  readonly descriptor?: "read" | "written";
}

/** What a command does of several things, by its first word. */
export interface Action {
  /** What stands behind the word: `PATH`. Default: nothing. */
  readonly synopsis?: string;
  /** What it does, in a phrase. */
  readonly about: string;
  /** Names of the command's options that it takes. `json` goes with every action. */
  readonly options: readonly string[];
  /** The heading of a group that begins with it in the help of the command. */
  readonly heading?: string;
}

/** A command of `lethe`: what it takes, and what it does. */
export interface Command {
  /** The lines of usage, without `lethe` and the name of the command. */
  readonly synopsis: readonly string[];
  /** What it does: paragraphs before the options. */
  readonly about: readonly string[];
  /** By name, without the dashes. `--help`, `-h` and `--version` are everybody's; `json` is in each. */
  readonly options: Readonly<Record<string, Option>>;
  /** By their word. */
  readonly actions?: Readonly<Record<string, Action>>;
  /** Paragraphs behind the options. One that begins with a space is printed as it stands. */
  readonly notes?: readonly string[];
  /** What each exit status means, in the order in which help says it. */
  readonly exits: readonly (readonly [status: string, meaning: string])[];
  /** How many words it takes that are neither options nor their values. Default: none. */
  readonly mostWords?: number;
  /** What its words name, apart from an action. Default: nothing that a shell could complete. */
  readonly words?: "file" | "process" | readonly string[];
  /** A program and its arguments stand behind `--`, and are nobody's options. */
  readonly startsProgram?: boolean;
  /** @returns the exit status. What it throws, `failureOf` turns into one. */
  run(given: Given): Promise<number>;
  /** The exit status for an error about a secret or of the system, where it is not the usual one. */
  statusOf?(error: { readonly code: string }): number;
}

/** A command as `lethe --help` lists it. */
export interface ListedCommand {
  /** What stands behind its name there. */
  readonly synopsis: string;
  readonly summary: string;
  /** Loaded when it is asked for: each brings its own part of Lethe. */
  load(): Promise<Command>;
}
