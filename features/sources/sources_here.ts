import type { FileCalls } from "../key_files/mod.ts";
import type { Terminals } from "../prompt/mod.ts";
import { DescriptorSource, type DescriptorSourceOptions } from "./descriptor_source.ts";
import { EnvironmentSource, type EnvironmentSourceOptions } from "./environment_source.ts";
import { ExecSource, type ExecSourceOptions } from "./exec_source.ts";
import { FileSource, type FileSourceOptions } from "./file_source.ts";
import type { ProcessVariables } from "./process_variables.ts";
import type { OpenProgramPipe } from "./program_pipe.ts";
import { type ReadSecret, secretReader } from "./read_secret.ts";
import type { SecretSource } from "./source.ts";

/** What sources need of a runtime, opened when it is first needed. */
export interface SourcePorts {
  files(): FileCalls;
  terminals(): Terminals;
  /** @throws {LetheError} `ERR_LETHE_UNAVAILABLE` */
  pipes(): OpenProgramPipe;
  variables(): ProcessVariables;
}

/** Opens a source of files: the reference is a path. */
export type OpenFileSource = (options?: FileSourceOptions) => SecretSource;
/** Opens a source of descriptors: the reference is a number, or `-` for standard input. */
export type OpenDescriptorSource = (options?: DescriptorSourceOptions) => SecretSource;
/** Opens a source of what programs print: the reference is a command. */
export type OpenExecSource = (options?: ExecSourceOptions) => SecretSource;
/** Opens a source of environment variables: the reference is a name, and is read once. */
export type OpenEnvironmentSource = (options?: EnvironmentSourceOptions) => SecretSource;

/** The sources of a runtime. */
export interface SourcesHere {
  readonly openFileSource: OpenFileSource;
  readonly openDescriptorSource: OpenDescriptorSource;
  readonly openExecSource: OpenExecSource;
  readonly openEnvironmentSource: OpenEnvironmentSource;
  readonly readSecret: ReadSecret;
}

/** Binds the sources to a runtime. */
export function sourcesOver(ports: SourcePorts): SourcesHere {
  const openFileSource: OpenFileSource = (options) => new FileSource(() => ports.files(), options);
  const openDescriptorSource: OpenDescriptorSource = (options) =>
    new DescriptorSource(() => ports.terminals(), options);
  const openExecSource: OpenExecSource = (options) => new ExecSource(() => ports.pipes(), options);
  const openEnvironmentSource: OpenEnvironmentSource = (options) =>
    new EnvironmentSource(() => ports.variables(), options);
  return {
    openFileSource,
    openDescriptorSource,
    openExecSource,
    openEnvironmentSource,
    readSecret: secretReader({
      file: openFileSource,
      fd: openDescriptorSource,
      exec: openExecSource,
      env: openEnvironmentSource,
    }),
  };
}
