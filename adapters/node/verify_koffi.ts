import { optional } from "../../core/arguments/own.ts";
import { LIBC_NAMES } from "../../system/libc.ts";
import { process, TextEncoder } from "../../system/node_builtins.ts";
import type { Koffi, KoffiLibrary } from "./koffi_types.ts";

/** The versions whose calls Lethe knows. An empty one is not known, and passes. */
export function faultOfVersion(version: string): string | null {
  if (version === "" || /^3\./.test(version)) return null;
  return `its version is ${version}, and Lethe calls version 3; install koffi@3`;
}

/**
 * What is wrong with a module that was loaded as koffi, or null. A bundler may have put half of it into a
 * bundle, a test runner a mock in its place, and some runtimes show no memory of C.
 */
export function faultOf(module: unknown): string | null {
  for (const name of ["load", "view"] as const) {
    if (typeof optional(Object(module) as Partial<Koffi>, name) !== "function") {
      return `what was loaded in its place has no ${name}; ${REMEDY}`;
    }
  }
  try {
    const wrong = wrongAnswer(module as Koffi);
    return wrong === null
      ? null
      : `what was loaded in its place gives a wrong answer (${wrong}); ${REMEDY}`;
  } catch (error) {
    const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
    return `what was loaded in its place fails (${code ?? String(message).split("\n")[0]}); ${REMEDY}`;
  }
}

/** The id of this process, the length of a text in the bytes of an array, and memory of the C library. */
function wrongAnswer(koffi: Koffi): string | null {
  const library = openLibc(koffi);
  if (library.func("getpid", "int", [])() !== process.pid) return "getpid";
  const text = new TextEncoder().encode(`-${ANSWER}\0`.padEnd(128, "-"));
  const strlen = library.func("strlen", "uint64_t", ["void *"]);
  if (strlen(text.subarray(1)) !== ANSWER.length) return "strlen";
  const errno = process.platform === "darwin" ? "__error" : "__errno_location";
  const address = BigInt(library.func(errno, "uint64_t", [])() ?? 0);
  if (address === 0n) return errno;
  return koffi.view(address, 4).byteLength === 4 ? null : "view";
}

const ANSWER = "known answer";

function openLibc(koffi: Koffi): KoffiLibrary {
  let failure: unknown = new Error(`no C library is known for ${process.platform}`);
  for (const name of LIBC_NAMES[process.platform] ?? []) {
    try {
      return koffi.load(name);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

const REMEDY = "keep koffi out of bundles and mocks: mark it as external (see docs/bundling.md)";
