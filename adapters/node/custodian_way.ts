// The namespace, because webpack looks for calls of `createRequire` by that name.
import * as nodeModule from "node:module";
import { isatty } from "node:tty";
import { optional } from "../../core/arguments/own.ts";
import {
  type Compiled,
  launched,
  type Place,
  type RuntimeWay,
} from "../../features/custodian/start/mod.ts";
import { process } from "../../system/node_builtins.ts";
import { ownAddress } from "../../system/own_address.ts";
import { compiledProgram } from "./compiled_program.ts";

/** How Node.js is found, and started with the program of a custodian. */
export const nodeWay: RuntimeWay = {
  title: "Node.js",
  folder: "node",
  version: process.versions.node,
  least: 22,
  here: ownAddress(import.meta.url),
  compiled,
  isInside: (path) => path.startsWith("/snapshot/"), // of pkg
  versionIn: (text) => /^v(\d+\.\d+\.\d+\S*)$/.exec(text)?.[1] ?? null,
  mayRead: () => true,
  command(place, secureHeapBytes) {
    const flags = flagsFor(place, secureHeapBytes);
    const command = { file: place.file, parameters: [...flags, place.program] };
    // With FFI the custodian does for itself what the launch is for.
    return flags.includes("--allow-ffi") ? command : launched(command);
  },
};

/** What is known to start itself: the executable in which Node.js and the application are one file. */
function compiled(): Compiled | null {
  const kind = compiledProgram();
  return kind === null ? null : { kind, asRuntime: null };
}

/**
 * No writing but to the terminal, no child, no thread, no network where Node guards that. Reading is
 * allowed everywhere: modules, the kernel's tables and the terminal lie in many places.
 *
 * `--expose-gc`: a key leaves the secure heap when it is collected, which is at once.
 *
 * The configuration of OpenSSL is an empty one: the system's may name engines and providers to load.
 */
function flagsFor({ version, program }: Place, secureHeapBytes: number): readonly string[] {
  return [
    ...(secureHeapBytes === 0 || !HAS_OPENSSL
      ? []
      : [`--secure-heap=${secureHeapBytes}`, "--secure-heap-min=32", "--expose-gc"]),
    isAtLeast(version, [22, 13]) && !/^23\.[0-4]\./.test(version)
      ? "--permission"
      : "--experimental-permission",
    "--allow-addons",
    ...(isAtLeast(version, [26, 1]) ? ["--allow-ffi"] : []),
    "--allow-fs-read=*",
    "--allow-fs-write=/dev/tty",
    // Where standard input is a file, this path would open that for writing.
    ...(isatty(0) ? ["--allow-fs-write=/dev/fd/0"] : []),
    ...(HAS_OPENSSL ? ["--openssl-config=/dev/null"] : []),
    "--disable-proto=delete",
    "--disallow-code-generation-from-strings",
    "--disable-warning=ExperimentalWarning",
    "--disable-warning=SecurityWarning",
    ...plugAndPlay(program),
  ];
}

/** A build without it, or with BoringSSL in its place, has none of its options. */
const HAS_OPENSSL: boolean =
  Object.hasOwn(process.versions, "openssl") &&
  optional(process.features as { openssl_is_boringssl?: boolean }, "openssl_is_boringssl") !== true;

function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [its = 0, itsMinor = 0] = version.split(".").map(Number);
  return its > major || (its === major && itsMinor >= minor);
}

/** Yarn's Plug'n'Play: modules are found by a loader alone. It is the one that runs this process. */
function plugAndPlay(program: string): readonly string[] {
  const versions: Readonly<Record<string, string | undefined>> = process.versions;
  if (optional(versions, "pnp") === undefined) return [];
  try {
    return [`--require=${nodeModule.createRequire(program).resolve("pnpapi")}`];
  } catch {
    return []; // the program is none of that project
  }
}
