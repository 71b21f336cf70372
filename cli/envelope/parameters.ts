import { resolve } from "node:path";
import { MOST_CONTEXT_BYTES } from "../../features/envelopes/in_pieces.ts";
import type { Given } from "../command_line/given.ts";
import { UsageError } from "../command_line/usage_error.ts";
import { quote, suggest } from "../command_line/words.ts";
import { descriptorOf } from "../descriptor.ts";
import { readerOfInput } from "../standard_input.ts";
import { ACTION_TABLE } from "./table.ts";

/** What `lethe envelope` was asked to do. */
export interface Parameters {
  readonly action: string;
  /** A path, or standard input. Of `identity`: empty. */
  readonly file: string;
  /** A path of a new file; `-` is standard output. Of `inspect`: empty. */
  readonly out: string;
  readonly to: readonly string[];
  readonly toFiles: readonly string[];
  readonly identities: readonly string[];
  readonly usesPassphrase: boolean;
  readonly passphrase: number | undefined;
  /** What standard input is read for, to its end. */
  readonly inputIs: string | undefined;
  readonly context: Uint8Array | undefined;
  readonly toTerminal: boolean;
  /** Of `plugin`: whether the key file is made, and how. */
  readonly generate: boolean;
  readonly plain: boolean;
}

/** @throws {UsageError} */
export function readParameters(given: Given): Parameters {
  const [action = "", ...paths] = given.words;
  const known = Object.hasOwn(ACTION_TABLE, action) ? ACTION_TABLE[action] : undefined;
  if (known === undefined) {
    const actions = Object.keys(ACTION_TABLE);
    if (action === "") throw new UsageError(`an action is needed: ${actions.join(", ")}`);
    throw new UsageError(`there is no action ${quote(action)}${suggest(action, actions)}`);
  }
  const foreign = given.options.find(
    ({ name }) => name !== "json" && !known.options.includes(name),
  );
  if (foreign !== undefined) throw new UsageError(`${action} takes no --${foreign.name}`);
  const wanted = (known.synopsis ?? "").split(" ");
  if (paths.length !== wanted.length || paths.includes("")) {
    throw new UsageError(`${action} takes ${wanted.join(" and ")}`);
  }
  const isNew = action === "identity";
  const file = isNew ? "" : (paths[0] ?? "");
  const [toFiles, identities] = [all(given, "to-file"), all(given, "identity")];
  const passphrase = descriptorOf(given, "passphrase-fd");
  const parameters: Parameters = {
    action,
    file,
    out: (isNew ? paths[0] : paths[1]) ?? "",
    to: all(given, "to"),
    toFiles,
    identities,
    usesPassphrase: given.has("passphrase"),
    passphrase,
    inputIs: readerOfInput([
      { what: "FILE", path: file },
      ...identities.map((path) => ({ what: "--identity", path })),
      ...toFiles.map((path) => ({ what: "--to-file", path })),
      { what: "--passphrase-fd", line: passphrase },
    ]),
    context: contextOf(given.value("context")),
    toTerminal: given.has("to-terminal"),
    generate: given.has("generate"),
    plain: given.has("plain"),
  };
  checkKeys(parameters, known.options, given.has("json"));
  return parameters;
}

function all(given: Given, name: string): readonly string[] {
  return given.options.flatMap((option) =>
    option.name === name && option.value !== null ? [option.value] : [],
  );
}

function contextOf(text: string | undefined): Uint8Array | undefined {
  if (text === "") throw new UsageError("--context needs a text");
  const bytes = text === undefined ? undefined : new TextEncoder().encode(text);
  if (bytes === undefined || bytes.length <= MOST_CONTEXT_BYTES) return bytes;
  throw new UsageError(`--context must have at most ${MOST_CONTEXT_BYTES} bytes`);
}

/** Each action needs somebody to seal to, somebody who opens, or both. */
function checkKeys(parameters: Parameters, options: readonly string[], json: boolean): void {
  const { action, file, out, to, toFiles, identities, usesPassphrase, context } = parameters;
  if (action === "plugin") {
    if (file === "-") throw new UsageError("plugin takes the path of a key file, which - is not");
    if (out !== "-" && resolve(file) === resolve(out)) {
      throw new UsageError("KEY and OUT are one path; give OUT another one");
    }
    if (parameters.plain && !parameters.generate)
      throw new UsageError("--plain goes with --generate");
    if (parameters.plain && parameters.passphrase !== undefined) {
      throw new UsageError("--plain goes without --passphrase-fd");
    }
  }
  const hasTo = to.length + toFiles.length > 0;
  if (options.includes("to") && hasTo === (action === "seal" && usesPassphrase)) {
    throw new UsageError(
      action === "seal"
        ? "one of --to, --to-file and --passphrase is needed, and --passphrase goes with no other"
        : `${action} needs --to or --to-file`,
    );
  }
  if (usesPassphrase && action === "seal" && context !== undefined) {
    throw new UsageError("--passphrase goes without --context: age has a passphrase stand alone");
  }
  if (options.includes("identity") && identities.length === 0 && !usesPassphrase) {
    throw new UsageError(
      `${action} needs --identity PATH${action === "open" ? " or --passphrase" : ""}`,
    );
  }
  if (json && out === "-") throw new UsageError("--json goes with a file: standard output is used");
}
