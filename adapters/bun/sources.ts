import { ffiPipes } from "../../features/programs/mod.ts";
import { libcVariables, sourcesOver, stringVariables } from "../../features/sources/mod.ts";
import type {
  OpenDescriptorSource,
  OpenEnvironmentSource,
  OpenExecSource,
  OpenFileSource,
  ReadSecret,
} from "../../features/sources/types.ts";
import { process } from "../../system/node_builtins.ts";
import { bunFfi } from "./ffi.ts";
import { openFileCalls } from "./key_files.ts";
import { openTerminals } from "./prompt.ts";

const KEPT_BY_BUN =
  "Bun copies every variable when it starts, and keeps that copy until the process ends; a string is made of it to see whether this program has set another value";

const here = sourcesOver({
  files: openFileCalls,
  terminals: openTerminals,
  pipes: () => ffiPipes(bunFfi()),
  variables: () =>
    process.platform === "linux" ? libcVariables(bunFfi(), [KEPT_BY_BUN]) : stringVariables(),
});

/** Opens a source of files, as {@link OpenFileSource} says. */
export const openFileSource: OpenFileSource = here.openFileSource;

/** Opens a source of descriptors, as {@link OpenDescriptorSource} says. */
export const openDescriptorSource: OpenDescriptorSource = here.openDescriptorSource;

/** Opens a source of what programs print, as {@link OpenExecSource} says. */
export const openExecSource: OpenExecSource = here.openExecSource;

/** Opens a source of environment variables, as {@link OpenEnvironmentSource} says. */
export const openEnvironmentSource: OpenEnvironmentSource = here.openEnvironmentSource;

/** Reads one secret from where a reference says, as {@link ReadSecret} has it. */
export const readSecret: ReadSecret = here.readSecret;
