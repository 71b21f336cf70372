import { optional } from "../../core/arguments/own.ts";
import { NO_DESCRIPTORS } from "../no_descriptors.ts";
import { process } from "../node_builtins.ts";

/** Bun reads no package.json at run time in a compiled program, unless it was compiled so. */
const AUTOLOAD = "compile this program with --compile-autoload-package-json";

/**
 * What has the same cause for every native module, with the code of the cause; or null.
 *
 * @param resource the path that Node's permission model refused, where it says one
 */
export function commonFailure(
  code: string,
  isCompiledByBun: boolean,
  resource?: unknown,
): string | null {
  switch (code) {
    case "ERR_DLOPEN_DISABLED":
      return `Node loads no native addons here (${code}); ${addons()}`;
    case "ERR_ACCESS_DENIED":
    case "NotCapable":
      // Not a file of its own: an alpine has one that says so, which is looked for.
      if (typeof resource === "string" && resource !== "" && !resource.includes("node_modules")) {
        return `it may not read ${resource} (${code}); grant that, and reading of node_modules (--allow-fs-read)`;
      }
      return `this process may not look for it, or may not read its files (${code}); grant reading of node_modules (--allow-fs-read in Node, --allow-read in Deno)`;
    case "EMFILE":
    case "ENFILE":
      return `its files cannot be opened (${code}): ${NO_DESCRIPTORS[code]}`;
    case "MODULE_NOT_FOUND":
      return `it is only partly installed: a module that it needs is missing (${code}); ${isCompiledByBun ? AUTOLOAD : "install it again"}`;
  }
  return null;
}

function addons(): string {
  const guarded = process as { readonly permission?: { has(scope: string): boolean } };
  return optional(guarded, "permission")?.has("addon") === false
    ? "start it with --allow-addons beside --permission"
    : "start it without --no-addons";
}

/** @param said what the dynamic loader said, without the path of the file */
export function binaryFailure(said: string, code: string): string {
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
