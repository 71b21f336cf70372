import { optionalGlobal } from "../../core/arguments/own.ts";
import type { Compiled, RuntimeWay } from "../../features/custodian/start/mod.ts";
import { process } from "../../system/node_builtins.ts";
import { ownAddress } from "../../system/own_address.ts";

interface BunNamespace {
  /** The file that was started; in a compiled program one of the file system inside it. */
  readonly main: string;
}

/** Where Bun shows the files of a compiled program: on Windows under `B:\~BUN\`. */
const INSIDE = /^(?:\/\$bunfs\/|[A-Z]:[/\\]~BUN[/\\])/;

/** How Bun is found, and started with the program of a custodian. */
export const bunWay: RuntimeWay = {
  title: "Bun",
  folder: "bun",
  version: process.versions["bun"] ?? "",
  least: 1,
  here: ownAddress(import.meta.url),
  compiled: () => (INSIDE.test(main()) ? COMPILED : null),
  isInside: (path) => INSIDE.test(path),
  versionIn: (text) => /^(\d+\.\d+\.\d+\S*)$/.exec(text)?.[1] ?? null,
  mayRead: () => true,
  command: ({ file, program, environment }) => ({
    file,
    parameters: [...FLAGS, program],
    environment: { ...environment, ...VARIABLES },
  }),
};

/** With that variable a compiled program is the command `bun`. */
const COMPILED: Compiled = {
  kind: "compiled by bun build --compile",
  asRuntime: { BUN_BE_BUN: "1" },
};

function main(): string {
  const Bun = optionalGlobal("Bun") as BunNamespace | undefined;
  return Bun?.main ?? "";
}

const VARIABLES: Readonly<Record<string, string>> = {
  BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0", // no compiled code out of a folder
  BUN_ENABLE_CRASH_REPORTING: "0", // Bun would report a crash to its makers
  DO_NOT_TRACK: "1",
};

/**
 * Every file that Bun would look for, in the current folder and on the way up from the program, is an
 * empty one; and it fetches no package.
 */
const FLAGS: readonly string[] = [
  "--config=/dev/null",
  "--env-file=/dev/null",
  "--tsconfig-override=/dev/null",
  "--no-install",
  "--no-macros",
];
