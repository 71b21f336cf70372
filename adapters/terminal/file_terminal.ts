import { type StdioOptions, spawnSync } from "node:child_process";
import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from "node:fs";
import { isatty } from "node:tty";
import { LetheError } from "../../core/errors.ts";
import { errorCode } from "../../core/own.ts";
import { process } from "../node_builtins.ts";
import { readText } from "../read_text.ts";
import type { ByteSource, RawMode, ReadOutcome, Terminal, Terminals } from "./terminal.ts";

/** What a runtime without FFI does in its own way. */
export interface RuntimeWays {
  rawMode(descriptor: number): RawMode;
  /** Sets O_NONBLOCK on a socket, if the runtime has a way to. */
  unblock?(descriptor: number): void;
}

/**
 * Terminals and descriptors through `node:fs`, for runtimes without FFI.
 *
 * It opens `/dev/tty`, or the terminal that standard input is (a process in a session of its own has
 * that and no controlling one), for this process alone: O_NONBLOCK then belongs to the new open file
 * and to nobody who shares standard input.
 */
export function fileTerminals(ways: RuntimeWays): Terminals {
  return {
    openTerminal() {
      const input = openFirst(["/dev/tty", ...(isatty(0) ? ["/dev/fd/0"] : [])], INPUT);
      if (input === null) return null;
      const others = [2, 0].filter((one) => isatty(one)).map((one) => `/dev/fd/${one}`);
      const output = openFirst(["/dev/tty", ...others], OUTPUT);
      return new FileTerminal(input, output, ways.rawMode(input));
    },
    remember: rememberByProgram,
    openSource: (descriptor) => openSource(descriptor, ways),
  };
}

/**
 * A file never makes its reader wait; a pipe is opened once more, without waiting. A socket cannot
 * be opened again: O_NONBLOCK is set on it, also for whoever shares it.
 */
function openSource(descriptor: number, { unblock }: RuntimeWays): ByteSource {
  const asItIs: ByteSource = {
    read: (bytes, offset) => readByte(descriptor, bytes, offset),
    close: () => undefined,
  };
  const kind = fstatSync(descriptor);
  if (!kind.isFIFO() && !kind.isSocket() && !kind.isCharacterDevice()) return asItIs;
  const reopened = openFirst([`/dev/fd/${descriptor}`], INPUT);
  if (reopened !== null) {
    return {
      read: (bytes, offset) => readByte(reopened, bytes, offset),
      close: () => closeSync(reopened),
    };
  }
  if (waits(descriptor)) unblock?.(descriptor);
  if (!waits(descriptor)) return asItIs;
  throw new LetheError(
    "ERR_LETHE_UNAVAILABLE",
    `Cannot prompt for secret: descriptor ${descriptor} cannot be read without waiting (a socket, or a terminal that may not be opened again); use a pipe or a file, or on Deno --allow-ffi or --allow-read=/dev/tty`,
  );
}

/** By stty(1): nothing here reads the settings of a terminal without changing them. */
function rememberByProgram(): (() => void) | null {
  const stty = (argument: string): string | null => {
    const terminal = openFirst(["/dev/tty", ...(isatty(0) ? ["/dev/fd/0"] : [])], INPUT);
    if (terminal === null) return null;
    try {
      const stdio: StdioOptions = [terminal, "pipe", "ignore"];
      const { status, stdout } = spawnSync("stty", [argument], { stdio, encoding: "latin1" });
      return status === 0 ? stdout.trim() : null;
    } catch {
      return null; // no permission to start a program
    } finally {
      closeSync(terminal);
    }
  };
  const settings = stty("-g");
  return settings === null ? null : () => void stty(settings);
}

/** Whether a read waits for bytes, by the flag O_NONBLOCK in `/proc/self/fdinfo`. */
function waits(descriptor: number): boolean {
  try {
    const info = readText(`/proc/self/fdinfo/${descriptor}`);
    const [, flags = "0"] = /^flags:\s+([0-7]+)$/m.exec(info) ?? [];
    return (Number.parseInt(flags, 8) & constants.O_NONBLOCK) === 0;
  } catch {
    return true;
  }
}

const INPUT = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
const OUTPUT = constants.O_WRONLY | constants.O_NOCTTY;

function openFirst(paths: readonly string[], flags: number): number | null {
  for (const path of paths) {
    try {
      return openSync(path, flags);
    } catch {
      // ENXIO: no controlling terminal. EACCES: not this user's, or a permission of the runtime.
    }
  }
  return null;
}

class FileTerminal implements Terminal {
  readonly #input: number;
  readonly #output: number | null;
  readonly #rawMode: RawMode;

  constructor(input: number, output: number | null, rawMode: RawMode) {
    this.#input = input;
    this.#output = output;
    this.#rawMode = rawMode;
  }

  read(bytes: Uint8Array<ArrayBuffer>, offset: number): ReadOutcome {
    return readByte(this.#input, bytes, offset);
  }

  write(text: string): void {
    if (text !== "") writeSync(this.#output ?? 2, text);
  }

  enterRaw(): void {
    this.#rawMode.enter();
  }

  leaveRaw(): void {
    this.#rawMode.leave();
  }

  stop(pid: number): void {
    process.kill(pid, "SIGTSTP");
  }

  close(): void {
    this.#rawMode.close();
    if (this.#output !== null) closeSync(this.#output);
  }
}

/** Reads one byte from a descriptor that does not block, straight into `bytes`. */
function readByte(descriptor: number, bytes: Uint8Array<ArrayBuffer>, offset: number): ReadOutcome {
  try {
    return readSync(descriptor, bytes, offset, 1, null) === 0 ? "end" : "byte";
  } catch (error) {
    const code = errorCode(error);
    if (code === "EAGAIN" || code === "EINTR") return "nothing";
    return "end"; // EIO: the terminal hung up
  }
}
