import { process } from "../../system/node_builtins.ts";
import { binaryFailure, commonFailure } from "../../system/optional/mod.ts";

export const NOT_INSTALLED =
  "it is not installed beside Lethe or beside this program; install it with npm install koffi, and keep it in node_modules beside a bundle (see docs/bundling.md)";

/** Why koffi, which is installed, does not load: the cause with its code where it has one, and what helps. */
export function describeFailure(error: unknown, isCompiledByBun: boolean): string {
  const { code, name, message, resource } = Object(error) as Readonly<Record<string, unknown>>;
  const cause = String(code ?? name);
  const common = commonFailure(cause, isCompiledByBun, resource);
  if (common !== null) return common;
  const [line = ""] = String(message).split("\n");
  // It has no code of its own for that, and looks for files, so that it sees none that it may not read.
  if (line.startsWith("Cannot find the native Koffi module")) {
    const host = `${process.platform}-${process.arch}`;
    return `it is installed without its binary for ${host}, or may not read it (@koromix/koffi-${host}); install it again on this machine, without --omit=optional, and keep node_modules/@koromix when you copy node_modules (see docs/bundling.md)`;
  }
  return cause === "ERR_DLOPEN_FAILED"
    ? binaryFailure(line.replace(/^(?:[A-Z]:)?[^:]*\.node: /, "").slice(0, 200), cause)
    : `it failed while it was loaded (${cause})`;
}
