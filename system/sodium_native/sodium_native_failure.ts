import { fileURLToPath } from "node:url";
import { process } from "../node_builtins.ts";
import { binaryFailure, commonFailure } from "../optional/mod.ts";

export const NOT_INSTALLED =
  "it is not installed beside Lethe or beside this program; install it with npm install sodium-native, and keep it in node_modules beside a bundle or a compiled program (see docs/bundling.md)";

/** What Node and require-addon, by which sodium-native loads its binary, throw. */
interface Failure {
  readonly code?: unknown;
  readonly name?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
  /** Of Node's permission model: the path that was refused. */
  readonly resource?: unknown;
  /** Of require-addon: the binary that did not load. */
  readonly url?: URL;
  /** Of require-addon: where it looked for one. */
  readonly candidates?: readonly URL[];
}

/**
 * Why sodium-native, which is installed, does not load: the cause with its code, and what helps.
 *
 * @param isCompiledByBun whether `bun build --compile` made this program
 */
export function describeFailure(error: unknown, isCompiledByBun: boolean): string {
  const outer = Object(error) as Failure;
  const cause = outer.code === "CANNOT_LOAD" ? (Object(outer.cause) as Failure) : outer;
  const code = String(cause.code ?? cause.name);
  if (code === "ADDON_NOT_FOUND") {
    return `it is installed without its binary for ${hostIn(cause)} (${code}); install it again on this machine, and keep its folder prebuilds when you copy node_modules (see docs/bundling.md)`;
  }
  const common = commonFailure(code, isCompiledByBun, cause.resource);
  if (common !== null) return common;
  if (outer === cause) return `it failed while it was loaded (${code})`;
  return described(outer, cause, code);
}

/** `linux-x64-musl`, as the folder is called in which the binary would be. */
function hostIn({ candidates = [] }: Failure): string {
  const found = candidates.map(({ pathname }) => /\/prebuilds\/([^/]+)\//.exec(pathname)?.[1]);
  return found.find((host) => host !== undefined) ?? `${process.platform}-${process.arch}`;
}

/** What the dynamic loader said, without the path of the file. */
function described({ url }: Failure, { message }: Failure, code: string): string {
  const file = url === undefined ? "" : fileURLToPath(url);
  const [line = ""] = String(message).split("\n");
  return binaryFailure(line.replace(`${file}: `, "").slice(0, 200), code);
}
