import type { CustodianCommand } from "./command.ts";

/** A runtime and the program of a custodian, both known to be there. */
export interface Place {
  readonly file: string;
  readonly program: string;
  /** Of the runtime in `file`. */
  readonly version: string;
  /** Variables with which that file is a runtime. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A program in one file with its runtime. */
export interface Compiled {
  /** For errors. */
  readonly kind: string;
  /** Variables with which the file is the runtime that is in it; null where it always is the program. */
  readonly asRuntime: Readonly<Record<string, string>> | null;
}

/** How a runtime is found, and started with the program of a custodian. */
export interface RuntimeWay {
  /** As people call it. */
  readonly title: string;
  /** Of `dist/adapters` in the package, in which its program is. */
  readonly folder: string;
  /** Of the runtime that runs this program. */
  readonly version: string;
  /** The first version that Lethe runs on. */
  readonly least: number;
  /** Address of the module that the program lies beside; not known in a bundle as CommonJS. */
  readonly here: string | undefined;
  /** What this program is, where its file is not a runtime that runs other programs; else null. */
  compiled(): Compiled | null;
  /** Whether a path is in the file system inside a compiled program, which no other process sees. */
  isInside(path: string): boolean;
  /** The version, in what the runtime writes to `--version`; null in what another program writes. */
  versionIn(text: string): string | null;
  /** Whether a path may be looked at without a question to the person at the terminal. */
  mayRead(path: string): boolean;
  /** @throws {LetheError} when the runtime of this program may not start that file */
  checkFile?(file: string): void;
  command(place: Place, secureHeapBytes: number): CustodianCommand;
}
