import type { Option } from "../command_line/command.ts";
import { COMMON } from "../command_line/read_command_line.ts";
import { isAction, type Place } from "./table.ts";

/** Completions for fish 3. */
export function fishScript(places: readonly Place[]): string {
  const commands = places.filter((place) => !isAction(place));
  const names = commands.map(({ path }) => path);
  return `# fish completions for lethe, printed by: lethe completions fish

# The words before the cursor that are neither options nor, for those that take one, their value.
function __lethe_place
    set -l words
    set -l skip 0
    for word in (commandline -opc)[2..]
        if test $skip = 1
            set skip 0
            continue
        end
        switch $word
            case --
                break
${[...new Set(places.flatMap(valued))].map((name) => `            case --${name}\n                set skip 1`).join("\n")}
            case '-*'
                continue
            case '*'
                set -a words $word
        end
    end
    string join ' ' -- $words[1..2]
end

# Whether the cursor is behind the command, or the command and the action, that are given.
function __lethe_in
    set -l place (__lethe_place)
    test "$place" = "$argv[1]"; or string match -q -- "$argv[1] *" "$place"
end

function __lethe_at
    set -l place (__lethe_place)
    test "$place" = "$argv[1]"
end

# Behind --, a program stands.
function __lethe_program
    contains -- -- (commandline -opc)
end

function __lethe_command
    set -l words (commandline -opc) (commandline -ct)
    set -l at (contains -i -- -- $words)
    printf '%s\\n' $words[(math $at + 1)..]
end

complete -c lethe -f
${commands.map(({ path, about }) => `complete -c lethe -n "__lethe_at ''" -a ${quoted(path)} -d ${quoted(about)}`).join("\n")}
complete -c lethe -n "__lethe_at ''" -a help -d 'show how to use a command'
complete -c lethe -n "__lethe_at help" -a ${quoted(names.join(" "))}
complete -c lethe -n "not __lethe_program" -s h -l help -d ${quoted(COMMON.help.about)}
complete -c lethe -n "not __lethe_program" -l version -d ${quoted(COMMON.version.about)}
${places.flatMap(linesOf).join("\n")}
complete -c lethe -n "__lethe_program" -a '(__fish_complete_subcommand --commandline (__lethe_command))'
`;
}

function linesOf({ path, options, next, words }: Place): readonly string[] {
  const inside = `-n ${quoted(`__lethe_in ${quoted(path)}; and not __lethe_program`)}`;
  const at = `-n ${quoted(`__lethe_at ${quoted(path)}`)}`;
  // Behind a command with actions the options of an action are those of its own place.
  const where = next.length > 0 ? at : inside;
  return [
    ...next.map(
      ([word, about]) =>
        `complete -c lethe ${at} -a ${quoted(word)}${about === "" ? "" : ` -d ${quoted(about)}`}`,
    ),
    ...options.map(
      ([name, option]) =>
        `complete -c lethe ${where} -l ${name}${argumentOf(option)} -d ${quoted(option.about)}`,
    ),
    ...(words === "file" ? [`complete -c lethe ${inside} -F`] : []),
    ...(words === "process" ? [`complete -c lethe ${inside} -a '(__fish_complete_pids)'`] : []),
  ];
}

function valued({ options }: Place): readonly string[] {
  return options.filter(([, { kind }]) => kind !== "flag").map(([name]) => name);
}

function argumentOf({ kind, values }: Option): string {
  if (kind === "flag") return "";
  if (values === "file") return " -r -F";
  if (values === "folder") return " -x -a '(__fish_complete_directories)'";
  return values === undefined ? " -x" : ` -x -a ${quoted(values.join(" "))}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
