/** What a read came to: one byte, no byte yet, or the end of the input. */
export type ReadOutcome = "byte" | "nothing" | "end";

/**
 * A terminal, as the prompt needs it. An adapter fills it.
 *
 * A conforming implementation guarantees:
 *
 * - T1: `read` never waits, and takes at most one byte, straight into `bytes`
 * - T2: `enterRaw` turns off echo, line editing and the keys that send signals; output is unchanged
 * - T3: `leaveRaw` brings back exactly the settings that `enterRaw` found; safe to call twice
 */
export interface Terminal {
  read(bytes: Uint8Array<ArrayBuffer>, offset: number): ReadOutcome;
  write(text: string): void;
  enterRaw(): void;
  leaveRaw(): void;
  /** Stops processes by SIGTSTP: one, or with 0 the job of this one. Throws when not permitted. */
  stop(pid: number): void;
  close(): void;
}

/** Bytes from a descriptor; `read` as in {@link Terminal}. `close` leaves the descriptor open. */
export interface ByteSource {
  read(bytes: Uint8Array<ArrayBuffer>, offset: number): ReadOutcome;
  close(): void;
}

/** What a runtime gives the prompt. */
export interface Terminals {
  /** Opens the controlling terminal, or gives null where there is none. */
  openTerminal(): Terminal | null;
  /**
   * Notes how the controlling terminal is set, and gives a function that sets it so again: for the
   * parent of a process that prompts, and that may be killed meanwhile. Null where there is none.
   */
  remember(): (() => void) | null;
  /** @throws {LetheError} `ERR_LETHE_UNAVAILABLE` when it cannot be read without waiting */
  openSource(descriptor: number): ByteSource;
}

/** The settings of one open terminal. */
export interface RawMode {
  enter(): void;
  leave(): void;
  close(): void;
}
