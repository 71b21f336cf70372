import { parseArgs } from "node:util";
import type { Command, Option } from "./command.ts";
import { Given, type GivenOption } from "./given.ts";
import { UsageError } from "./usage_error.ts";
import { quote, suggest } from "./words.ts";

/** Options of every command. */
export const COMMON: Readonly<Record<"help" | "version", Option>> = {
  help: { kind: "flag", about: "show how to use it" },
  version: { kind: "flag", about: "show the version of Lethe" },
};

/** What of a command is needed to read its parameters. */
export type CommandLine = Pick<Command, "options" | "actions" | "mostWords" | "startsProgram">;

/** `--help` was asked for: of the command, or of the action that stands before it. */
export interface Help {
  readonly help: string | undefined;
}

type Token = NonNullable<ReturnType<typeof parseArgs>["tokens"]>[number];
type OptionToken = Extract<Token, { kind: "option" }>;

/**
 * Reads the parameters of a command. Node's parser splits them; what is wrong is said here, in one line
 * and without the values, because a value on a command line may be a secret that is in the wrong place.
 *
 * @returns the help or "version" that was asked for before anything was wrong
 * @throws {UsageError}
 */
export function readCommandLine(
  { options, actions = {}, mostWords = 0, startsProgram = false }: CommandLine,
  parameters: readonly string[],
): Given | Help | "version" {
  const split = startsProgram ? parameters.indexOf("--") : -1;
  const own = split < 0 ? parameters : parameters.slice(0, split);
  const given: GivenOption[] = [];
  const words: string[] = [];
  for (const token of tokensOf(own, { ...options, ...COMMON })) {
    if (token.kind === "positional") words.push(token.value);
    if (words.length > mostWords) {
      throw new UsageError(mostWords === 0 ? "it takes options alone" : "that is a word too many");
    }
    if (token.kind !== "option") continue;
    const option = optionOf(token, options, given);
    if (option.name === "version") return "version";
    if (option.name === "help") {
      const [action = ""] = words;
      return { help: Object.hasOwn(actions, action) ? action : undefined };
    }
    given.push(option);
  }
  return new Given(given, words, split < 0 ? null : parameters.slice(split + 1));
}

/** Whether `--json` is among the parameters, also of a command line that is wrong. */
export function wantsJson(
  { startsProgram }: Partial<CommandLine>,
  parameters: readonly string[],
): boolean {
  const split = startsProgram ? parameters.indexOf("--") : -1;
  return (split < 0 ? parameters : parameters.slice(0, split)).includes("--json");
}

function tokensOf(
  parameters: readonly string[],
  options: Readonly<Record<string, Option>>,
): readonly Token[] {
  const known = Object.entries(options).map(([name, { kind }]) => {
    const type = kind === "flag" ? ("boolean" as const) : ("string" as const);
    return [name, name === "help" ? { type, short: "h" } : { type }] as const;
  });
  return parseArgs({
    args: [...parameters],
    options: Object.fromEntries(known),
    allowPositionals: true,
    strict: false,
    tokens: true,
  }).tokens;
}

function optionOf(
  { name, rawName, value, inlineValue }: OptionToken,
  options: Readonly<Record<string, Option>>,
  before: readonly GivenOption[],
): GivenOption {
  const all = { ...options, ...COMMON };
  const kind = Object.hasOwn(all, name) ? all[name as keyof typeof all]?.kind : undefined;
  if (kind === undefined || (rawName.length === 2 && rawName !== "-h")) {
    const known = rawName.startsWith("--") ? suggest(name, Object.keys(all), "--") : "";
    throw new UsageError(`there is no option ${quote(rawName).slice(1, -1)}${known}`);
  }
  if (kind !== "list" && before.some((one) => one.name === name)) {
    throw new UsageError(`--${name} is given twice`);
  }
  if (kind === "flag") {
    if (value !== undefined) throw new UsageError(`--${name} takes no value`);
    return { name, value: null };
  }
  // What looks like an option is one whose value was forgotten before it: --name=-value says otherwise.
  const isOption = !inlineValue && value?.startsWith("-") === true && value !== "-";
  if (value === undefined || value === "" || isOption) {
    throw new UsageError(`--${name} needs a value`);
  }
  return { name, value };
}
