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
import { isPermitted } from "../../system/permitted.ts";
import { denoFfi } from "./ffi.ts";
import { openFileCalls } from "./key_files.ts";
import { checkPermissions } from "./permissions.ts";
import { openTerminals } from "./prompt.ts";

const here = sourcesOver({
  files: openFileCalls,
  terminals: openTerminals,
  pipes() {
    checkPermissions("guarded", ["ffi"]);
    return ffiPipes(denoFfi());
  },
  variables: () =>
    process.platform === "linux" && isPermitted({ name: "ffi" })
      ? libcVariables(denoFfi())
      : stringVariables(),
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
