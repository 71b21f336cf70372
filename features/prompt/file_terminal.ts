import { closeSync, constants, openSync, readvSync, writeSync } from "node:fs";
import { isatty } from "node:tty";
import { errorCode } from "../../core/arguments/own.ts";
import { LetheError } from "../../core/contract/errors.ts";
import { process } from "../../system/node_builtins.ts";
import { isPermitted } from "../../system/permitted.ts";
import { readText } from "../../system/read_text.ts";
import { runSystemProgram } from "../../system/system_program.ts";
import { openSource, readByte } from "./file_source.ts";
import { letSignalArrive } from "./late_signal.ts";
import { unopened } from "./prompt_errors.ts";
import type { Readers } from "./readers.ts";
import type { RawMode, ReadOutcome, StopSignal, Terminal, Terminals } from "./terminal.ts";

/** What a runtime without FFI does in its own way. */
export interface RuntimeWays {
  readonly readers: Readers;
  /**
   * Whether a stop signal has its default action again when nothing listens to it any more. Else the
   * runtime goes on taking it, and stops the process itself: late, and where nobody could continue it too.
   */
  readonly givesStopsBack: boolean;
  /** Whether it hands no descriptor on to a program but the standard ones. */
  readonly handsNothingOn: boolean;
  rawMode(descriptor: number): RawMode;
  /** Sets O_NONBLOCK on a socket, and gives a function that takes it away; null without a way to. */
  readonly unblock: ((descriptor: number) => () => void) | null;
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
    readers: ways.readers,
    openTerminal() {
      const input = openFirst(["/dev/tty", ...(isatty(0) ? ["/dev/fd/0"] : [])], INPUT, unopened);
      if (input === null) return null;
      const others = [2, 0].filter((one) => isatty(one)).map((one) => `/dev/fd/${one}`);
      const output = openFirst(["/dev/tty", ...others], OUTPUT);
      return new FileTerminal(input, output, ways);
    },
    remember: () => rememberByProgram(ways.handsNothingOn),
    openSource: (descriptor) => openSource(descriptor, ways.unblock),
  };
}

/** By stty(1): nothing here reads the settings of a terminal without changing them. */
function rememberByProgram(byPath: boolean): (() => void) | null {
  const stty = (argument: string): string | null => {
    const terminal = openFirst(["/dev/tty", ...(isatty(0) ? ["/dev/fd/0"] : [])], INPUT);
    if (terminal === null) return null; // it hung up
    try {
      const { status, output, reason } = byPath
        ? runSystemProgram("stty", ["-F", "/dev/tty", argument])
        : runSystemProgram("stty", [argument], { stdin: terminal });
      if (status === 0) return output.trim();
      throw new LetheError(
        "ERR_LETHE_UNAVAILABLE",
        `stty(1) could not set the terminal: ${reason}`,
      );
    } finally {
      closeSync(terminal);
    }
  };
  let settings: string | null;
  try {
    settings = stty("-g");
  } catch (error) {
    return () => {
      throw error;
    };
  }
  if (settings === null) return null;
  const noted = settings;
  return () => {
    if (isForeground()) stty(noted); // else it is a shell's now
  };
}

/** By the process groups in `/proc`; true where that is not known. */
function isForeground(): boolean {
  try {
    const stat = readText("/proc/self/stat");
    // proc_pid_stat(5): the name may have spaces and parentheses in it.
    const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return foreground === "-1" || foreground === group;
  } catch {
    return true;
  }
}

const INPUT = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
const OUTPUT = constants.O_WRONLY | constants.O_NOCTTY;

/** @param faultOf an error that is thrown, of a code that does not say that there is none */
function openFirst(
  paths: readonly string[],
  flags: number,
  faultOf: (code: string) => LetheError | null = () => null,
): number | null {
  for (const path of paths) {
    const name = flags === OUTPUT ? "write" : "read";
    if (!isPermitted({ name, path })) continue;
    try {
      return openSync(path, flags);
    } catch (error) {
      // ENXIO: no controlling terminal. EACCES: not this user's, or a permission of the runtime.
      const fault = faultOf(errorCode(error) ?? "");
      if (fault !== null) throw fault;
    }
  }
  return null;
}

class FileTerminal implements Terminal {
  readonly mayHearStops: boolean;
  readonly #input: number;
  readonly #output: number | null;
  readonly #rawMode: RawMode;
  #isRaw = false;

  constructor(input: number, output: number | null, ways: RuntimeWays) {
    this.#input = input;
    this.#output = output;
    this.#rawMode = ways.rawMode(input);
    this.mayHearStops = ways.givesStopsBack;
  }

  read(bytes: Uint8Array<ArrayBuffer>, offset: number): ReadOutcome {
    return readByte(this.#input, bytes, offset, () => "end"); // EIO: it hung up
  }

  write(text: string): void {
    if (text !== "") writeSync(this.#output ?? 2, text);
  }

  /** Twice by way of the mode before: the runtime would take a mode that others changed for its own. */
  enterRaw(): void {
    if (this.#isRaw) this.#rawMode.leave();
    this.#rawMode.enter();
    this.#isRaw = true;
  }

  leaveRaw(): void {
    if (!this.#isRaw || !isForeground()) return;
    this.#isRaw = false;
    this.#rawMode.leave();
  }

  /** Nothing here reads the settings of a terminal. */
  isSilent(): boolean {
    return true;
  }

  isForeground(): boolean {
    return isForeground();
  }

  /** A read that waits locks the line discipline of Linux: nobody else then reads even nothing. */
  isContested(): boolean {
    try {
      readvSync(this.#input, [new Uint8Array(0)]);
      return false;
    } catch (error) {
      return errorCode(error) === "EAGAIN";
    }
  }

  signal(pid: number, signal: StopSignal): void {
    if (!isPermitted({ name: "run" })) {
      throw new LetheError(
        "ERR_LETHE_UNAVAILABLE",
        `Cannot stop for ${signal}: it needs --allow-run`,
      );
    }
    process.kill(pid, signal);
  }

  stop(pid: number, signal: StopSignal): void {
    this.signal(pid, signal);
    letSignalArrive();
  }

  close(): void {
    // In the background the runtime, which sets the terminal back once more, would be stopped for it.
    if (!this.#isRaw) this.#rawMode.close();
    if (this.#output !== null) closeSync(this.#output);
  }
}
