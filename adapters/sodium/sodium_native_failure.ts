import { fileURLToPath } from "node:url";
import { process } from "../node_builtins.ts";

export const NOT_INSTALLED =
  "it is not installed beside Lethe or beside this program; install it with npm install sodium-native, and keep it in node_modules beside a bundle or a compiled program (see docs/bundling.md)";

/** What Node and require-addon, by which sodium-native loads its binary, throw. */
interface Failure {
  readonly code?: unknown;
  readonly name?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
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
  if (code === "ERR_DLOPEN_DISABLED")
    return `Node loads no native addons here (${code}); ${addons()}`;
  if (code === "ERR_ACCESS_DENIED" || code === "NotCapable") {
    return `this process may not read its files (${code}); grant reading of node_modules (--allow-fs-read in Node, --allow-read in Deno)`;
  }
  if (code === "ADDON_NOT_FOUND") {
    return `it is installed without its binary for ${hostIn(cause)} (${code}); install it again on this machine, and keep its folder prebuilds when you copy node_modules (see docs/bundling.md)`;
  }
  if (code === "MODULE_NOT_FOUND") {
    return `it is installed in part, without a module that it needs (${code}); ${isCompiledByBun ? AUTOLOAD : "install it again"}`;
  }
  if (outer === cause) return `it failed while it was loaded (${code})`;
  return described(outer, cause, code);
}

/** Bun reads no package.json at run time in a compiled program, unless it was compiled so. */
const AUTOLOAD = "compile this program with --compile-autoload-package-json";

function addons(): string {
  const { permission } = process as { readonly permission?: { has(scope: string): boolean } };
  return permission?.has("addon") === false
    ? "start it with --allow-addons beside --permission"
    : "start it without --no-addons";
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
  const said = line.replace(`${file}: `, "").slice(0, 200);
  const hint = HINTS.find(([pattern]) => pattern.test(said))?.[1];
  return `its binary does not load (${code}: ${said})${hint === undefined ? "" : `; ${hint}`}`;
}

const HINTS: readonly (readonly [RegExp, string])[] = [
  [
    /failed to map segment|cannot enable executable|Operation not permitted/,
    "a file system that is mounted noexec does that: put node_modules on another one",
  ],
  [/Permission denied|EACCES/, "let this user read its files"],
  [/GLIBC|version `/, "the C library of this system is older than it needs"],
  [
    /invalid ELF header|wrong ELF class|file too short|Exec format|not a mach-o|incompatible arch|not a valid Win32|^cannot open shared object file: No such file/i,
    "it is for another system or processor, or damaged: install it again on this machine",
  ],
];
