export type {
  Directory,
  FileCalls,
  FileFacts,
  FileKind,
  LockCalls,
  OpenFileCalls,
  TrustCalls,
} from "./file_calls.ts";
export type { KeyFileReport, KeyFiles, Rotation } from "./key_files.ts";
export type { KeyFileType, KeyOf, KeyPair, KeyShape } from "./key_shape.ts";
export { type Authorize, libcCalls } from "./libc_calls.ts";
export { type NativeCalls, nativeCalls } from "./native_calls.ts";
export { nodeCalls } from "./node_calls.ts";
export { keyFilesOpener, type OpenKeyFiles } from "./open_key_files.ts";
export type {
  ChangePassphraseOptions,
  KeyFileOptions,
  KeyFilesOptions,
  ReadKeyOptions,
  RotateKeyOptions,
  SealKeyOptions,
} from "./options.ts";
export type { Trust as KeyFileTrust } from "./trust.ts";
