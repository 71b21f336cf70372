import type { Option } from "../command_line/command.ts";
import { isAction, type Place } from "./table.ts";

/** Completions for bash, from version 3.2 of macOS on. They need no other package. */
export function bashScript(places: readonly Place[]): string {
  const commands = places.filter((place) => !isAction(place)).map(({ path }) => path);
  return `# bash completions for lethe, printed by: lethe completions bash

_lethe() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev= place= word at
  COMPREPLY=()
  # readline makes words of --option=value, and of the NAME=PATH behind an option, at the =
  at=$((COMP_CWORD - 1))
  if [[ $cur == = ]]; then cur= at=$((at + 1)); fi
  if [[ \${COMP_WORDS[at]} == = ]]; then
    at=$((at - 1))
    if [[ \${COMP_WORDS[at]} != -* ]]; then at=$((at - 1)); fi
  fi
  prev=\${COMP_WORDS[at]}

  for ((at = 1; at < COMP_CWORD; at++)); do
    word=\${COMP_WORDS[at]}
    case $word in
      --) if _lethe_starts_program "$place"; then _lethe_program "$at"; return; fi ;;
      -*) if [[ \${COMP_WORDS[at + 1]} != = ]] && _lethe_value "$place" "$word"; then ((at++)); fi ;;
      =) ((at++)) ;;
      *) place=$(_lethe_enter "$place" "$word") ;;
    esac
  done

  if [[ $prev == -* ]] && _lethe_value "$place" "$prev"; then
    case $value in
      file) _lethe_files -f ;;
      folder) _lethe_files -d ;;
      *) _lethe_words "$value" ;;
    esac
    return
  fi
  if [[ $cur == -* ]]; then _lethe_words "$(_lethe_options "$place") --help --version"; return; fi
  case $place in
    '') _lethe_words ${quoted([...commands, "help"].join(" "))} ;;
    help) _lethe_words ${quoted(commands.join(" "))} ;;
${places
  .flatMap(({ path, next, words }) => {
    const offered = [
      ...(next.length > 0 ? [`_lethe_words ${quoted(next.map(([word]) => word).join(" "))}`] : []),
      ...(words === "file" ? ["_lethe_files -f"] : []),
      ...(words === "process" ? ["_lethe_processes"] : []),
    ];
    return offered.length > 0 ? [`    ${quoted(path)}) ${offered.join("; ")} ;;`] : [];
  })
  .join("\n")}
  esac
}

# The place behind a word: a command, or an action of one.
_lethe_enter() {
  case "$1 $2" in
    ' help') echo help ;;
${places
  .map(
    ({ path }) => `    ${quoted(path.includes(" ") ? path : ` ${path}`)}) echo ${quoted(path)} ;;`,
  )
  .join("\n")}
    *) echo "$1" ;;
  esac
}

_lethe_options() {
  case $1 in
${places
  .map(({ path, options }) => {
    const names = options.map(([name]) => `--${name}`).join(" ");
    return `    ${quoted(path)}) echo ${quoted(names)} ;;`;
  })
  .join("\n")}
  esac
}

# Whether an option takes a value; which goes to \`value\`.
_lethe_value() {
  value=
  case "$1 $2" in
${places
  .flatMap(({ path, options }) =>
    options
      .filter(([, { kind }]) => kind !== "flag")
      .map(
        ([name, option]) =>
          `    ${quoted(`${path} --${name}`)}) value=${quoted(valuesOf(option))} ;;`,
      ),
  )
  .join("\n")}
    *) return 1 ;;
  esac
}

_lethe_starts_program() {
  case $1 in
${places
  .filter(({ startsProgram }) => startsProgram)
  .map(({ path }) => `    ${quoted(path)}) return 0 ;;`)
  .join("\n")}
  esac
  return 1
}

_lethe_words() {
  local word
  for word in $1; do if [[ $word == "$cur"* ]]; then COMPREPLY+=("$word"); fi; done
}

# Line by line: names may have spaces. Of NAME=PATH the path is completed.
_lethe_files() {
  local line
  compopt -o filenames 2>/dev/null
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen "$1" -- "\${cur#*=}")
}

_lethe_processes() {
  local folder
  for folder in /proc/[0-9]*; do
    folder=\${folder#/proc/}
    if [[ $folder == "$cur"* && $folder != '[0-9]*' ]]; then COMPREPLY+=("$folder"); fi
  done
}

# Behind --: a program, then what its own completions say, where bash-completion is loaded.
_lethe_program() {
  local line
  if declare -F _command_offset >/dev/null; then _command_offset $(($1 + 1)); return; fi
  if ((COMP_CWORD > $1 + 1)); then _lethe_files -f; return; fi
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -c -- "$cur")
}

complete -F _lethe lethe
`;
}

function valuesOf({ values = [] }: Option): string {
  return typeof values === "string" ? values : values.join(" ");
}

/** In single quotes. No word of the table has one. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\\\''")}'`;
}
