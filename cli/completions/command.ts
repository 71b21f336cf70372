import type { Command, ListedCommand } from "../command_line/command.ts";
import type { Given } from "../command_line/given.ts";
import { UsageError } from "../command_line/usage_error.ts";
import { quote, suggest } from "../command_line/words.ts";
import { print } from "../output.ts";
import { bashScript } from "./bash.ts";
import { fishScript } from "./fish.ts";
import { readTable } from "./table.ts";
import { zshScript } from "./zsh.ts";

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;
const SHELLS = Object.keys(SCRIPTS) as readonly (keyof typeof SCRIPTS)[];

/** `lethe completions`: what a shell needs to complete command lines of `lethe`. */
export function completionsOf(commands: Readonly<Record<string, ListedCommand>>): Command {
  return { ...COMPLETIONS, run: (given) => printScript(given, commands) };
}

const COMPLETIONS: Omit<Command, "run"> = {
  synopsis: ["bash|zsh|fish [--json]"],
  about: ["Prints the completions of lethe for a shell. Put them where the shell looks:"],
  options: { json: { kind: "flag", about: "the shell and its script, as JSON" } },
  notes: [
    `  bash   lethe completions bash > ~/.local/share/bash-completion/completions/lethe
  zsh    lethe completions zsh > ~/.zfunc/_lethe    (with fpath+=~/.zfunc before compinit)
  fish   lethe completions fish > ~/.config/fish/completions/lethe.fish`,
  ],
  exits: [
    ["0", "printed"],
    ["2", "wrong usage"],
  ],
  mostWords: 1,
  words: SHELLS,
};

async function printScript(
  given: Given,
  commands: Readonly<Record<string, ListedCommand>>,
): Promise<number> {
  const [word = ""] = given.words;
  const shell = SHELLS.find((name) => name === word);
  if (word === "") throw new UsageError(`a shell is needed: ${SHELLS.join(", ")}`);
  if (shell === undefined) {
    throw new UsageError(`there is no shell ${quote(word)}${suggest(word, SHELLS)}`);
  }
  const script = SCRIPTS[shell](await readTable(commands));
  print(given.has("json") ? `${JSON.stringify({ shell, script })}\n` : script);
  return 0;
}
