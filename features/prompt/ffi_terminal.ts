import { constants } from "node:os";
import { LetheError } from "../../core/contract/errors.ts";
import type { Ffi } from "../../memories/pages/mod.ts";
import { TextEncoder } from "../../system/node_builtins.ts";
import { terminated } from "../../system/terminated.ts";
import { letSignalArrive } from "./late_signal.ts";
import { unopened, unreadable } from "./prompt_errors.ts";
import type { Readers } from "./readers.ts";
import type { ByteSource, ReadOutcome, StopSignal, Terminal, Terminals } from "./terminal.ts";
import {
  applySettings,
  isForegroundOf,
  isOpen,
  killByDefault,
  openTerminalCalls,
  settingsOf,
  type TerminalCalls,
} from "./terminal_calls.ts";
import { INPUT_FLAGS, OUTPUT_FLAGS, rawSettings, sameSettings } from "./termios.ts";

/**
 * Terminals and descriptors through libc, for runtimes with FFI. Linux: read(2) is given the address of the
 * secret's own pages, and no stream, thread or buffer of the runtime is on the way.
 */
export class FfiTerminals implements Terminals {
  readonly readers: Readers;
  readonly #calls: TerminalCalls;
  readonly #mayOpen: (path: string) => boolean;

  /**
   * @param mayOpen asked before a path is opened: FFI goes past the runtime's own permissions
   * @throws {LetheError} `ERR_LETHE_UNAVAILABLE`
   */
  constructor(ffi: Ffi, readers: Readers, mayOpen: (path: string) => boolean) {
    this.#calls = openTerminalCalls(ffi);
    this.readers = readers;
    this.#mayOpen = mayOpen;
  }

  openTerminal(): Terminal | null {
    const input = this.#open(0, INPUT_FLAGS, unopened);
    if (input === null) return null;
    // Where standard error goes elsewhere, as in a custodian, what is shown goes where it is typed.
    const output = this.#open(2, OUTPUT_FLAGS) ?? this.#open(0, OUTPUT_FLAGS);
    return new FfiTerminal(this.#calls, input, output);
  }

  remember(): (() => void) | null {
    const settings = this.#atTerminal((terminal) => settingsOf(this.#calls, terminal));
    if (settings === null) return null;
    return () =>
      this.#atTerminal((terminal) => {
        if (!isForegroundOf(this.#calls, terminal)) return; // it is a shell's now
        applySettings(this.#calls, terminal, settings);
      });
  }

  openSource(descriptor: number): ByteSource {
    const calls = this.#calls;
    const refuse = (): never => {
      const code = calls.errnoName();
      throw unreadable(descriptor, code, isOpen(calls, descriptor));
    };
    // Asks for nothing: it does not wait, and tells what a read would say.
    if (calls.read(descriptor, new Uint8Array(1), 0n) < 0n) refuse();
    return {
      read: (bytes, offset) => readByte(calls, descriptor, bytes, offset, refuse),
      close: () => undefined,
    };
  }

  /** Null where there is none, or it hung up. */
  #atTerminal<T>(use: (terminal: number) => T): T | null {
    const terminal = this.#open(0, INPUT_FLAGS);
    if (terminal === null) return null;
    try {
      return use(terminal);
    } finally {
      this.#calls.close(terminal);
    }
  }

  /** @param faultOf an error that is thrown, of a code that does not say that there is none */
  #open(
    standard: number,
    flags: number,
    faultOf: (code: string) => LetheError | null = () => null,
  ): number | null {
    const paths = this.#mayOpen("/dev/tty") ? ["/dev/tty"] : [];
    if (this.#calls.isatty(standard) === 1) paths.push(`/dev/fd/${standard}`);
    for (const path of paths) {
      const descriptor = this.#calls.open(terminated(path), flags);
      if (descriptor >= 0) return descriptor;
      const fault = faultOf(this.#calls.errnoName());
      if (fault !== null) throw fault;
    }
    return null;
  }
}

class FfiTerminal implements Terminal {
  readonly mayHearStops: boolean = true;
  readonly #calls: TerminalCalls;
  readonly #input: number;
  readonly #output: number | null;
  #found: Uint8Array<ArrayBuffer> | null = null;
  #raw: Uint8Array<ArrayBuffer> | null = null;

  constructor(calls: TerminalCalls, input: number, output: number | null) {
    this.#calls = calls;
    this.#input = input;
    this.#output = output;
  }

  read(bytes: Uint8Array<ArrayBuffer>, offset: number): ReadOutcome {
    return readByte(this.#calls, this.#input, bytes, offset, () => "end"); // EIO: it hung up
  }

  write(text: string): void {
    let bytes = new TextEncoder().encode(text);
    while (bytes.length > 0) {
      const written = this.#calls.write(this.#output ?? 2, bytes, BigInt(bytes.length));
      if (written <= 0n) return; // the terminal is gone; the next read tells
      bytes = bytes.subarray(Number(written));
    }
  }

  enterRaw(): void {
    const now = settingsOf(this.#calls, this.#input);
    if (now === null) {
      throw new LetheError(
        "ERR_LETHE_UNAVAILABLE",
        "Cannot prompt for secret: tcgetattr(3) could not read the settings of the terminal",
      );
    }
    if (this.#raw !== null && sameSettings(now, this.#raw)) return;
    // A shell may have set it while this process was stopped: that is what it gets back then.
    this.#found = now;
    this.#raw = rawSettings(now);
    applySettings(this.#calls, this.#input, this.#raw);
  }

  leaveRaw(): void {
    const found = this.#found;
    if (found === null || settingsOf(this.#calls, this.#input) === null) return; // or it hung up
    this.#found = null;
    this.#raw = null;
    if (this.isForeground()) applySettings(this.#calls, this.#input, found);
  }

  isSilent(): boolean {
    if (this.#raw === null) return true;
    const now = settingsOf(this.#calls, this.#input);
    return now === null || sameSettings(now, this.#raw);
  }

  isForeground(): boolean {
    return isForegroundOf(this.#calls, this.#input);
  }

  /** A read that waits locks the line discipline of Linux: nobody else then reads even nothing. */
  isContested(): boolean {
    return this.#calls.read(this.#input, new Uint8Array(1), 0n) !== 0n;
  }

  signal(pid: number, signal: StopSignal): void {
    if (this.#calls.kill(pid, constants.signals[signal]) !== 0) throw unsent(signal);
  }

  /** Past the runtime's permissions, which on Deno ask for those of a program that starts others. */
  stop(pid: number, signal: StopSignal): void {
    if (!killByDefault(this.#calls, pid, constants.signals[signal])) throw unsent(signal);
    letSignalArrive();
  }

  close(): void {
    this.#calls.close(this.#input);
    if (this.#output !== null) this.#calls.close(this.#output);
  }
}

function unsent(signal: StopSignal): LetheError {
  return new LetheError("ERR_LETHE_UNAVAILABLE", `Cannot stop for ${signal}: kill(2) failed`);
}

const POLLIN = 1;
const RETRIED: readonly string[] = ["EAGAIN", "EINTR"];

function readByte(
  calls: TerminalCalls,
  descriptor: number,
  bytes: Uint8Array<ArrayBuffer>,
  offset: number,
  refused: () => ReadOutcome,
): ReadOutcome {
  // struct pollfd: int fd, short events, short revents.
  const request = new Int32Array([descriptor, POLLIN]);
  if (calls.poll(new Uint8Array(request.buffer), 1n, 0) <= 0) return "nothing";
  const count = calls.read(descriptor, bytes.subarray(offset, offset + 1), 1n);
  if (count >= 0n) return count === 0n ? "end" : "byte";
  // Another reader was faster.
  return RETRIED.includes(calls.errnoName()) ? "nothing" : refused();
}
