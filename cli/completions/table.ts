import type { Command, ListedCommand, Option } from "../command_line/command.ts";
import { optionsOf } from "../command_line/usage.ts";

/** What a shell offers at one place: behind `lethe key`, or behind `lethe key create`. */
export interface Place {
  /** `key`, or `key create`. */
  readonly path: string;
  readonly about: string;
  /** Without those of every command. */
  readonly options: readonly (readonly [name: string, option: Option])[];
  /** Words that stand next, each with what it means. */
  readonly next: readonly (readonly [word: string, about: string])[];
  /** What else a word names. */
  readonly words: "file" | "process" | "nothing";
  readonly startsProgram: boolean;
}

/** Every place, from the one table of commands. */
export async function readTable(
  commands: Readonly<Record<string, ListedCommand>>,
): Promise<readonly Place[]> {
  const places = await Promise.all(
    Object.entries(commands).map(async ([name, { summary, load }]) =>
      placesOf(name, summary, await load()),
    ),
  );
  return places.flat();
}

function placesOf(name: string, summary: string, command: Command): readonly Place[] {
  const { actions = {}, options, words, startsProgram = false } = command;
  const named = typeof words === "string" ? words : "nothing";
  const fixed = Array.isArray(words) ? (words as readonly string[]) : [];
  const hasActions = Object.keys(actions).length > 0;
  return [
    {
      path: name,
      about: summary,
      options: Object.entries(options),
      next: [
        ...Object.entries(actions).map(([word, { about }]) => [word, about] as const),
        ...fixed.map((word) => [word, ""] as const),
      ],
      words: hasActions ? "nothing" : named,
      startsProgram,
    },
    ...Object.entries(actions).map(([word, action]) => ({
      path: `${name} ${word}`,
      about: action.about,
      options: optionsOf(command, action),
      next: [],
      words: action.synopsis === undefined ? ("nothing" as const) : named,
      startsProgram,
    })),
  ];
}

/** `help` and what follows it, which is not a command of the table. */
export function isAction({ path }: Place): boolean {
  return path.includes(" ");
}
