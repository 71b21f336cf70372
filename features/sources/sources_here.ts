import type { FileCalls } from "../key_files/mod.ts";
import type { ProgramPipes } from "../programs/mod.ts";
import type { Terminals } from "../prompt/mod.ts";
import { DescriptorSource, type DescriptorSourceOptions } from "./descriptor_source.ts";
import { EnvironmentSource, type EnvironmentSourceOptions } from "./environment_source.ts";
import { ExecSource, type ExecSourceOptions } from "./exec_source.ts";
import { FileSource, type FileSourceOptions } from "./file_source.ts";
import type { ProcessVariables } from "./process_variables.ts";
import { type ReadSecret, secretReader } from "./read_secret.ts";
import type { SecretSource } from "./source.ts";

/** What sources need of a runtime, opened when it is first needed. */
export interface SourcePorts {
  files(): FileCalls;
  terminals(): Terminals;
  /** @throws {LetheError} `ERR_LETHE_UNAVAILABLE` */
  pipes(): Pick<ProgramPipes, "openOutput">;
  variables(): ProcessVariables;
}

/**
 * Opens a source of files: tokens and passwords that a platform or a person put there, checked as key files are.
 * The reference is a path; `/dev/fd/N` is a descriptor, and a path with a slash at its end a volume of Kubernetes.
 *
 * @throws {TypeError | RangeError} for a wrong option; its reads fail with a {@link LetheError} `ERR_LETHE_SOURCE_*`
 *
 * @example
 * ```ts
 * import { writeFileSync } from "node:fs";
 * import { openSecrets } from "lethe";
 * import { landingOf, openFileSource } from "lethe/sources";
 *
 * writeFileSync("token", "a token\n", { mode: 0o600 }); // your platform does this
 * const secrets = openSecrets();
 * const source = openFileSource({ newline: "strip" });
 * const record = await source.read("./token", { land: landingOf(secrets) });
 * record.field().byteLength;
 * record.destroy();
 * ```
 */
export type OpenFileSource = (options?: FileSourceOptions) => SecretSource;
/**
 * Opens a source of descriptors that this process was started with, which are read to their end. The reference
 * is a number, or `-` for standard input.
 *
 * @throws {TypeError | RangeError} for a wrong option; its reads fail with a {@link LetheError} `ERR_LETHE_SOURCE_*`
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { landingOf, openDescriptorSource } from "lethe/sources";
 *
 * const secrets = openSecrets();
 * const source = openDescriptorSource({ newline: "strip" });
 * const record = await source.read("-", { land: landingOf(secrets) });
 * record.destroy();
 * ```
 */
export type OpenDescriptorSource = (options?: DescriptorSourceOptions) => SecretSource;
/**
 * Opens a source of what programs print: `pass`, `op`, `vault`, `systemd-creds`. They are started by their absolute
 * path, without a shell, and what they print goes from the pipe into secret memory. The reference is the command.
 *
 * @throws {TypeError | RangeError} for a wrong option; its reads fail with a {@link LetheError} `ERR_LETHE_SOURCE_*`
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { landingOf, openExecSource } from "lethe/sources";
 *
 * const secrets = openSecrets();
 * const source = openExecSource({ newline: "strip", timeout: 10_000 });
 * const record = await source.read("/bin/echo a-token", { land: landingOf(secrets) });
 * record.destroy();
 * ```
 */
export type OpenExecSource = (options?: ExecSourceOptions) => SecretSource;
/**
 * Opens a source of environment variables. The reference is a name; it is taken once, overwritten in the memory of
 * this process where that can be done, and deleted. See `residue` of the source for what remains.
 *
 * @throws {TypeError | RangeError} for a wrong option; its reads fail with a {@link LetheError} `ERR_LETHE_SOURCE_*`
 *
 * @example
 * ```ts
 * import process from "node:process";
 * import { openSecrets } from "lethe";
 * import { landingOf, openEnvironmentSource } from "lethe/sources";
 *
 * process.env["API_TOKEN"] ??= "a token"; // your platform does this
 * const secrets = openSecrets();
 * const source = openEnvironmentSource();
 * const record = await source.read("API_TOKEN", { land: landingOf(secrets) });
 * record.destroy();
 * ```
 */
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
