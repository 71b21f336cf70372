export type { CType, Ffi, Signature, Signatures, Symbols } from "../../system/ffi.ts";
export { allowRemedy } from "./causes.ts";
export { GuardedMemory, type GuardedOptions } from "./guarded_memory.ts";
export { type Kernel, softLimit } from "./kernel.ts";
export { openKernel, openPages, openSecretmem } from "./open.ts";
export { providePosixMemories } from "./providers.ts";
