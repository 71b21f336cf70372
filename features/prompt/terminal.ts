import type { Readers } from "./readers.ts";

/** What a read came to: one byte, no byte yet, or the end of the input. */
export type ReadOutcome = "byte" | "nothing" | "end";

/**
 * A terminal, as the prompt needs it. An adapter fills it.
 *
 * A conforming implementation guarantees:
 *
 * - TERM-1: `read` never waits, and takes at most one byte, straight into `bytes`
 * - TERM-2: `enterRaw` turns off echo, line editing and the keys that send signals; output is unchanged.
 *   Called again, it does so whatever others have set since
 * - TERM-3: `leaveRaw` brings back exactly the settings that `enterRaw` found, or throws; safe to call twice
 */
export interface Terminal {
  /** Whether a stop signal that this process has listened to still stops it by its default action. */
  readonly mayHearStops: boolean;
  read(bytes: Uint8Array<ArrayBuffer>, offset: number): ReadOutcome;
  write(text: string): void;
  enterRaw(): void;
  leaveRaw(): void;
  /** Whether it is as `enterRaw` left it. True where that is not known. */
  isSilent(): boolean;
  /**
   * Whether this process is in the foreground: to set or read a terminal from the background stops it.
   * True where that is not known.
   */
  isForeground(): boolean;
  /** Whether another read of it waits, here or in another process. False where that is not known. */
  isContested(): boolean;
  /** Sends a stop signal to one process, or with 0 to the job of this one. Throws when not permitted. */
  signal(pid: number, signal: StopSignal): void;
  /**
   * Sends a stop signal to one process, or with 0 to the job of this one, whose own default action
   * follows: it has stopped and goes on when this returns, unless the kernel ignores the signal, as it
   * does where nobody could continue it. Throws when not permitted.
   */
  stop(pid: number, signal: StopSignal): void;
  close(): void;
}

export type StopSignal = "SIGTSTP" | "SIGTTIN";

/** Bytes from a descriptor; `read` as in {@link Terminal}. `close` leaves it open, and as it was. */
export interface ByteSource {
  read(bytes: Uint8Array<ArrayBuffer>, offset: number): ReadOutcome;
  close(): void;
}

/** What a runtime gives the prompt. */
export interface Terminals {
  /** Holds off other readers of the terminal while a prompt is open. */
  readonly readers: Readers;
  /**
   * Opens the controlling terminal, or gives null where there is none.
   *
   * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` where no descriptor is left for it
   */
  openTerminal(): Terminal | null;
  /**
   * Notes how the controlling terminal is set, and gives a function that sets it so again: for the
   * parent of a process that prompts, and that may be killed during the prompt. Null where there is none.
   */
  remember(): (() => void) | null;
  /** @throws {LetheError} `ERR_LETHE_UNAVAILABLE` when it cannot be read without waiting */
  openSource(descriptor: number): ByteSource;
}

/** The settings of one open terminal. */
export interface RawMode {
  /** Turns echo and line editing off. */
  enter(): void;
  /** Sets the terminal as it was before `enter`. */
  leave(): void;
  /** Gives back what the mode needed. */
  close(): void;
}
