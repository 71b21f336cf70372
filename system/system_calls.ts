import { bare } from "../core/arguments/own.ts";
import { LINUX_SYS_MEMFD_SECRET } from "./constants.ts";
import { process } from "./node_builtins.ts";

/** By name: the number on x86-64, and in the table that arm64 and riscv64 share (asm/unistd.h). */
export const SYSTEM_CALLS: Readonly<Record<SystemCall, readonly [x64: number, generic: number]>> =
  bare({
    add_key: [248, 217],
    ftruncate: [77, 46],
    getrandom: [318, 278],
    keyctl: [250, 219],
    memfd_secret: [LINUX_SYS_MEMFD_SECRET, LINUX_SYS_MEMFD_SECRET],
    mlock: [149, 228],
    read: [0, 63],
    readv: [19, 65],
    renameat2: [316, 276],
    wait4: [61, 260],
  });

/** The system calls that are made, or looked for, by number. */
export type SystemCall =
  | "add_key"
  | "ftruncate"
  | "getrandom"
  | "keyctl"
  | "memfd_secret"
  | "mlock"
  | "read"
  | "readv"
  | "renameat2"
  | "wait4";

const TABLES: Readonly<Record<string, 0 | 1>> = bare({ x64: 0, arm64: 1, riscv64: 1 });

/** The number of a system call of Linux; undefined on an architecture whose numbers are not known here. */
export function systemCallNumber(
  call: SystemCall,
  architecture: string = process.arch,
): number | undefined {
  const table = TABLES[architecture];
  return table === undefined ? undefined : SYSTEM_CALLS[call][table];
}
