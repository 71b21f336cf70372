import { constants } from "node:os";
import { LetheError } from "../../core/contract/errors.ts";
import type { Ffi, Symbols } from "../../system/ffi.ts";
import { openLibrary } from "../../system/libc.ts";
import { SETTINGS_LENGTH, sameSettings } from "./termios.ts";

const SIGNATURES = {
  // Variadic in C; on Linux integers are passed to it as to any other function.
  open: { parameters: ["bytes", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  isatty: { parameters: ["i32"], result: "i32" },
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" }, // variadic, as open
  __errno_location: { parameters: [], result: "usize" },
  poll: { parameters: ["bytes", "usize", "i32"], result: "i32" },
  read: { parameters: ["i32", "bytes", "usize"], result: "isize" },
  write: { parameters: ["i32", "bytes", "usize"], result: "isize" },
  kill: { parameters: ["i32", "i32"], result: "i32" },
  sigaction: { parameters: ["i32", "bytes", "bytes"], result: "i32" },
  getpgrp: { parameters: [], result: "i32" },
  tcgetpgrp: { parameters: ["i32"], result: "i32" },
  tcgetattr: { parameters: ["i32", "bytes"], result: "i32" },
  tcsetattr: { parameters: ["i32", "i32", "bytes"], result: "i32" },
} as const;

/** What is called of libc for terminals. */
export interface TerminalCalls extends Omit<Symbols<typeof SIGNATURES>, "__errno_location"> {
  /** Why the last call failed: `EAGAIN`. */
  readonly errnoName: () => string;
}

/** @throws {LetheError} `ERR_LETHE_UNAVAILABLE` */
export function openTerminalCalls(ffi: Ffi): TerminalCalls {
  if (ffi.platform !== "linux") {
    throw new LetheError(
      "ERR_LETHE_UNAVAILABLE",
      `Cannot open terminals through libc: not written for ${ffi.platform}`,
    );
  }
  const { __errno_location: location, ...calls } = openLibrary(ffi, SIGNATURES);
  const errno = new Int32Array(ffi.viewAt(location(), 4));
  return { ...calls, errnoName: () => nameOf(errno[0] ?? 0) };
}

function nameOf(errno: number): string {
  const [name = `errno ${errno}`] =
    Object.entries(constants.errno).find(([, code]) => code === errno) ?? [];
  return name;
}

/** Whether a descriptor is open, for whatever. */
export function isOpen(calls: TerminalCalls, descriptor: number): boolean {
  return calls.fcntl(descriptor, F_GETFD, 0) >= 0;
}

/** How a terminal is set, or null when it is none, or gone. */
export function settingsOf(
  calls: TerminalCalls,
  descriptor: number,
): Uint8Array<ArrayBuffer> | null {
  const settings = new Uint8Array(SETTINGS_LENGTH);
  return calls.tcgetattr(descriptor, settings) === 0 ? settings : null;
}

/** @throws {LetheError} `ERR_LETHE_UNAVAILABLE` when it is not set so afterwards */
export function applySettings(
  calls: TerminalCalls,
  descriptor: number,
  settings: Uint8Array<ArrayBuffer>,
): void {
  const isAccepted = calls.tcsetattr(descriptor, TCSADRAIN, settings) === 0;
  // tcsetattr(3) succeeds when any of the settings was changed.
  const now = settingsOf(calls, descriptor);
  if (isAccepted && now !== null && sameSettings(now, settings)) return;
  throw new LetheError(
    "ERR_LETHE_UNAVAILABLE",
    "Cannot prompt for secret: tcsetattr(3) had no effect on the terminal",
  );
}

/**
 * Whether this process is in the foreground of a terminal; true for one that is not its controlling
 * terminal, where there is no such thing.
 */
export function isForegroundOf(calls: TerminalCalls, descriptor: number): boolean {
  const group = calls.tcgetpgrp(descriptor);
  return group === -1 || group === calls.getpgrp();
}

/**
 * Sends a signal whose default action follows, whoever handles it otherwise. The handler is back when
 * this returns, as the runtime had it; a signal that is ignored stays so.
 *
 * @returns whether it could be sent
 */
export function killByDefault(calls: TerminalCalls, pid: number, signal: number): boolean {
  const before = new Uint8Array(SIGACTION_LENGTH);
  if (calls.sigaction(signal, new Uint8Array(SIGACTION_LENGTH), before) !== 0) return false;
  const isIgnored = new DataView(before.buffer).getBigUint64(0, true) === SIG_IGN;
  if (isIgnored) calls.sigaction(signal, before, new Uint8Array(SIGACTION_LENGTH));
  const isSent = calls.kill(pid, signal) === 0;
  if (!isIgnored) calls.sigaction(signal, before, new Uint8Array(SIGACTION_LENGTH));
  return isSent;
}

const F_GETFD = 1;
/** After what was written has been shown. */
const TCSADRAIN = 1;
/** Bytes of `struct sigaction` on Linux, and some more; its handler comes first. glibc and musl: 152. */
const SIGACTION_LENGTH = 256;
const SIG_IGN = 1n;
