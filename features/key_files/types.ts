/**
 * The types of key files. From the files that declare them: a program without the types of Node.js compiles
 * with these.
 *
 * @module
 */

export type { Argon2Cost } from "../../core/contract/cost.ts";
export type { KeyFileReport } from "./key_file_report.ts";
export type { KeyFiles } from "./key_files.ts";
export type { KeyFileType, KeyOf, KeyPair, KeyShape } from "./key_shape.ts";
export type { OpenKeyFiles } from "./open_key_files.ts";
export type {
  ChangePassphraseOptions,
  KeyFileOptions,
  KeyFilesOptions,
  ReadKeyOptions,
  RotateKeyOptions,
  SealKeyOptions,
} from "./options.ts";
export type { Rotation } from "./rotation.ts";
export type { Trust as KeyFileTrust } from "./trust.ts";
