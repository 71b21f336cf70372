export type {
  Directory,
  FileCalls,
  FileFacts,
  FileKind,
  LockCalls,
  OpenFileCalls,
  TrustCalls,
} from "./file_calls.ts";
export { type Authorize, libcCalls } from "./libc_calls.ts";
export { type NativeCalls, nativeCalls } from "./native_calls.ts";
export { nodeCalls } from "./node_calls.ts";
export { keyFilesOpener } from "./open_key_files.ts";
export { type Source, withFile, withSource } from "./source.ts";
export { Task } from "./task.ts";
export { readFull } from "./transfer.ts";
export { TRUSTS } from "./trust.ts";
export type * from "./types.ts";
export { withVolume } from "./volume.ts";
