import type { Option } from "../command_line/command.ts";
import { COMMON } from "../command_line/read_command_line.ts";
import { isAction, type Place } from "./table.ts";

/** Completions for zsh 5. */
export function zshScript(places: readonly Place[]): string {
  const commands = places.filter((place) => !isAction(place));
  return `#compdef lethe
# zsh completions for lethe, printed by: lethe completions zsh

_lethe() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  _arguments -C ${everywhere()} '1: :->command' '*:: :->rest'
  case $state in
    command)
      local -a commands=(
${described([...commands.map(({ path, about }) => [path, about] as const), ["help", "show how to use a command"]])}
      )
      _describe -t commands 'lethe command' commands ;;
    rest)
      case $words[1] in
        help) _values 'lethe command' ${commands.map(({ path }) => path).join(" ")} ;;
${commands.map(({ path }) => `        ${path}) _lethe_${path} ;;`).join("\n")}
      esac ;;
  esac
}
${places.map((place) => functionOf(place)).join("\n")}
if [[ $funcstack[1] == _lethe ]]; then _lethe "$@"; else compdef _lethe lethe; fi
`;
}

function functionOf({ path, options, next, words, startsProgram }: Place): string {
  const name = path.replaceAll(/\W/g, "_");
  const own = [everywhere(), ...options.map(specOf)];
  if (next.length > 0 && next.every(([, about]) => about !== "")) {
    return `
_lethe_${name}() {
  local curcontext=$curcontext state line
  typeset -A opt_args
  _arguments -C ${[...own, "'1: :->action'", "'*:: :->rest'"].join(" \\\n    ")}
  case $state in
    action)
      local -a actions=(
${described(next)}
      )
      _describe -t actions 'action' actions ;;
    rest)
      case $words[1] in
${next.map(([word]) => `        ${word}) _lethe_${name}_${word.replaceAll("-", "_")} ;;`).join("\n")}
      esac ;;
  esac
}`;
  }
  const rest = next.length > 0 ? `'1: :(${next.map(([word]) => word).join(" ")})'` : wordsOf(words);
  const program = startsProgram ? "'(-)*:: :_normal'" : rest;
  return `
_lethe_${name}() {
  _arguments ${startsProgram ? "-A '-*' " : ""}${[...own, ...(program === "" ? [] : [program])].join(" \\\n    ")}
}`;
}

function everywhere(): string {
  return `'(-h --help)'{-h,--help}'[${COMMON.help.about}]' '--version[${COMMON.version.about}]'`;
}

function wordsOf(words: Place["words"]): string {
  if (words === "file") return "'*:file:_files'";
  return words === "process" ? "'1:process:_pids'" : "";
}

function specOf([name, { kind, value = "", about, values }]: readonly [string, Option]): string {
  const star = kind === "list" ? "*" : "";
  const text = `${star}--${name}${kind === "flag" ? "" : "="}[${about.replaceAll(/[[\]\\:]/g, "\\$&")}]`;
  if (kind === "flag") return single(text);
  const shown = value.replaceAll(/[[\]\\:]/g, "\\$&");
  if (values === "file") return single(`${text}:${shown}:_files`);
  if (values === "folder") return single(`${text}:${shown}:_files -/`);
  return single(`${text}:${shown}:${values === undefined ? " " : `(${values.join(" ")})`}`);
}

function described(rows: readonly (readonly [word: string, about: string])[]): string {
  return rows
    .map(([word, about]) => `        ${single(`${word}:${about.replaceAll(":", "\\:")}`)}`)
    .join("\n");
}

function single(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
