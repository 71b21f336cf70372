import { isAbsolute } from "node:path";
import { optional, optionalGlobal } from "../core/arguments/own.ts";
import { process } from "./node_builtins.ts";

/**
 * The whole path of the file with which this process was started, beside which what belongs to a program
 * can lie; or undefined.
 *
 * Where a process was started with text (`node --eval`, `deno eval`, standard input) the second word of
 * `process.argv` is an argument, or a name in the current folder: whoever owns that folder would choose what
 * is loaded here. The same holds for an Electron program, which has the document to open there.
 */
export function startedProgram(): string | undefined {
  const { argv } = process;
  const started = argv[1];
  if (started === undefined || !isAbsolute(started)) return undefined;
  return isText() || hasDocument() ? undefined : started;
}

/** Whether there is no file at all: Node.js says so by its options, Bun and Deno by a name. */
function isText(): boolean {
  const Bun = optionalGlobal("Bun") as { readonly main?: string } | undefined;
  return (
    process.execArgv.some((word) => TEXT_OPTION.test(word)) ||
    TEXT_NAME.test(process.argv[1] ?? "") ||
    TEXT_NAME.test(Bun?.main ?? "")
  );
}

const TEXT_OPTION = /^(?:-[eip]|-pe|--(?:eval|interactive|print))(?:=|$)/;
const TEXT_NAME = /[/\\](?:\[(?:eval|stdin|worker eval)\]|\$deno\$[^/\\]*)$/;

function hasDocument(): boolean {
  const versions: Readonly<Record<string, string | undefined>> = process.versions;
  if (optional(versions, "electron") === undefined) return false;
  return (process as { readonly defaultApp?: boolean }).defaultApp !== true;
}
