import { createRequire } from "node:module";
import process from "node:process";
import { LetheError } from "../../core/errors.ts";

/** What is used of `koffi`. */
export interface Koffi {
  load(library: string): KoffiLibrary;
  /** The bytes at an address, or at the address of a typed array. It takes no copy and frees nothing. */
  view(address: bigint, byteLength: number): ArrayBuffer;
}

interface KoffiLibrary {
  /** @throws when the library has no such function */
  func(name: string, result: string, parameters: readonly string[]): KoffiFunction;
}

/** What `koffi` makes of a C function: integers of 64 bits come as numbers where those are exact. */
export type KoffiFunction = (
  ...values: readonly (number | bigint | Uint8Array)[]
) => number | bigint | undefined;

type Loaded = { readonly koffi: Koffi } | { readonly reason: string };
let loaded: Loaded | undefined;

/**
 * Loads the optional dependency `koffi`, synchronously, and verifies it before anything is trusted to
 * it. What came of it is remembered.
 *
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` with the reason
 */
export function loadKoffi(): Koffi {
  loaded ??= load();
  if ("koffi" in loaded) return loaded.koffi;
  throw new LetheError("ERR_LETHE_UNAVAILABLE", `Cannot open FFI: ${loaded.reason}`);
}

function load(): Loaded {
  let module: unknown;
  try {
    module = createRequire(import.meta.url)("koffi");
  } catch (error) {
    return { reason: explain(error) };
  }
  const fault = faultOf(module);
  return fault === null ? { koffi: module as Koffi } : { reason: `${FOREIGN}: ${fault}` };
}

const FOREIGN =
  "koffi is there and does not do what koffi does; mark it as external if a bundler made this program";

/** Why a module is no koffi that can be used here, or null: it calls C, and shows memory that C gave. */
export function faultOf(module: unknown): string | null {
  try {
    return firstFault(module);
  } catch (error) {
    return firstLine(error);
  }
}

function firstFault(module: unknown): string | null {
  const { load, view } = (module ?? {}) as Partial<Koffi>;
  if (typeof load !== "function" || typeof view !== "function") return "it has no load and view";
  const library = openLibc(load);
  if (library.func("getpid", "int", [])() !== process.pid) return "getpid() is wrong";
  const text = new TextEncoder().encode("-known answer\0".padEnd(128, "-"));
  const strlen = library.func("strlen", "uint64_t", ["void *"]);
  if (strlen(text.subarray(1)) !== 12) return "strlen() does not see the bytes of an array";
  const errno = process.platform === "darwin" ? "__error" : "__errno_location";
  const address = BigInt(library.func(errno, "uint64_t", [])() ?? 0);
  if (address === 0n || view(address, 4).byteLength !== 4) return "it shows no memory";
  return null;
}

function openLibc(load: Koffi["load"]): KoffiLibrary {
  let reason: unknown;
  for (const name of LIBRARIES[process.platform] ?? []) {
    try {
      return load(name);
    } catch (error) {
      reason = error;
    }
  }
  throw reason ?? new Error(`no C library is known for ${process.platform}`);
}

/** glibc, musl, macOS. */
const LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  linux: ["libc.so.6", "libc.so", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"],
  darwin: ["libSystem.B.dylib"],
};

/** The cause and what helps, by what the loader raised. Paths of the machine are left out. */
function explain(error: unknown): string {
  const { code, message = "" } = (error ?? {}) as { code?: unknown; message?: string };
  switch (code) {
    case "MODULE_NOT_FOUND":
      return message.includes("'koffi'")
        ? "koffi is not installed; install it with npm install koffi"
        : "koffi is installed and not complete; install it again";
    case "ERR_DLOPEN_DISABLED":
      return `koffi is a native addon, and this process loads none: ${addonsDisabledBy()}`;
    case "ERR_ACCESS_DENIED":
      return "koffi may not be read; start Node.js with --allow-fs-read for its folder, and --allow-addons";
    case "ERR_DLOPEN_FAILED":
      return `the system refuses to load koffi's binary (${firstLine(error).split(": ").at(-1)}); install it again on this system, in a folder that programs may be loaded from`;
    case "ERR_INVALID_ARG_VALUE":
      return "koffi is found only beside a Lethe that is installed from npm, and this one was not loaded from a file";
  }
  if (message.startsWith("Cannot find the native Koffi module")) {
    return `koffi has no binary for ${process.platform}-${process.arch}: @koromix/koffi-${process.platform}-${process.arch} is missing or may not be read; install it again here, without --omit=optional, and do not bundle it`;
  }
  return `koffi does not load (${firstLine(error)})`;
}

function addonsDisabledBy(): string {
  const { permission } = process as { readonly permission?: { has(scope: string): boolean } };
  return permission !== undefined && !permission.has("addon")
    ? "the permission model needs --allow-addons too"
    : "it was started with --no-addons";
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : "nothing is known of the cause";
  return text.split("\n")[0] ?? "";
}
