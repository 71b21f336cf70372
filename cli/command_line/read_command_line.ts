import { parseArgs } from "node:util";
import type { Command, OptionKind } from "./command.ts";
import { Given, type GivenOption } from "./given.ts";
import { UsageError } from "./usage_error.ts";
import { quote, suggest } from "./words.ts";

/** Options of every command. */
const COMMON: Readonly<Record<string, OptionKind>> = { help: "flag", version: "flag" };

type Token = NonNullable<ReturnType<typeof parseArgs>["tokens"]>[number];
type OptionToken = Extract<Token, { kind: "option" }>;

/**
 * Reads the parameters of a command. Node's parser splits them; what is wrong is said here, in one line
 * and without the values, because a value on a command line may be a secret that is in the wrong place.
 *
 * @returns "help" or "version" when that was asked for before anything was wrong
 * @throws {UsageError}
 */
export function readCommandLine(
  { options, mostWords = 0, startsProgram = false }: Omit<Command, "usage" | "run">,
  parameters: readonly string[],
): Given | "help" | "version" {
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
    if (option.name === "help" || option.name === "version") return option.name;
    given.push(option);
  }
  return new Given(given, words, split < 0 ? null : parameters.slice(split + 1));
}

function tokensOf(
  parameters: readonly string[],
  options: Readonly<Record<string, OptionKind>>,
): readonly Token[] {
  const known = Object.entries(options).map(([name, kind]) => {
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
  options: Readonly<Record<string, OptionKind>>,
  before: readonly GivenOption[],
): GivenOption {
  const all = { ...options, ...COMMON };
  const kind = Object.hasOwn(all, name) ? all[name] : undefined;
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
