/**
 * The types of sources, which compile without those of Node.js.
 *
 * @module
 */
export type { BoundOptions } from "./answer.ts";
export type { DescriptorSourceOptions } from "./descriptor_source.ts";
export type { EnvironmentSourceOptions } from "./environment_source.ts";
export type { ExecSourceOptions } from "./exec_source.ts";
export type { FileSourceOptions } from "./file_source.ts";
export type { ReadSecret, ReadSecretOptions } from "./read_secret.ts";
export type { RecordParts, SecretRecord } from "./record.ts";
export type { Land, ReadContext, SecretSource } from "./source.ts";
export type { SourceErrorCode } from "./source_error.ts";
export type {
  OpenDescriptorSource,
  OpenEnvironmentSource,
  OpenExecSource,
  OpenFileSource,
} from "./sources_here.ts";
export type { TrimmingOptions } from "./trimming.ts";
