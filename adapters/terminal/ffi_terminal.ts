import { constants } from "node:os";
import { LetheError } from "../../core/errors.ts";
import { TextEncoder } from "../node_builtins.ts";
import type { Ffi, Symbols } from "../posix/mod.ts";
import type { ByteSource, ReadOutcome, Terminal, Terminals } from "./terminal.ts";
import { INPUT_FLAGS, OUTPUT_FLAGS, rawSettings, SETTINGS_LENGTH } from "./termios.ts";

const SIGNATURES = {
  // Variadic in C; on Linux integers are passed to it as to any other function.
  open: { parameters: ["bytes", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  isatty: { parameters: ["i32"], result: "i32" },
  poll: { parameters: ["bytes", "usize", "i32"], result: "i32" },
  read: { parameters: ["i32", "bytes", "usize"], result: "isize" },
  write: { parameters: ["i32", "bytes", "usize"], result: "isize" },
  kill: { parameters: ["i32", "i32"], result: "i32" },
  tcgetattr: { parameters: ["i32", "bytes"], result: "i32" },
  tcsetattr: { parameters: ["i32", "i32", "bytes"], result: "i32" },
} as const;

type TerminalCalls = Symbols<typeof SIGNATURES>;

/**
 * Terminals and descriptors through libc, for runtimes with FFI. Linux: read(2) is given the address of the
 * secret's own pages, and no stream, thread or buffer of the runtime is on the way.
 */
export class FfiTerminals implements Terminals {
  readonly #calls: TerminalCalls;
  readonly #mayOpen: (path: string) => boolean;

  /**
   * @param mayOpen asked before a path is opened: FFI goes past the runtime's own permissions
   * @throws {LetheError} `ERR_LETHE_UNAVAILABLE`
   */
  constructor(ffi: Ffi, mayOpen: (path: string) => boolean) {
    if (ffi.platform !== "linux") {
      throw new LetheError(
        "ERR_LETHE_UNAVAILABLE",
        `Cannot open terminals through libc: not written for ${ffi.platform}`,
      );
    }
    this.#calls = openLibc(ffi);
    this.#mayOpen = mayOpen;
  }

  openTerminal(): Terminal | null {
    const input = this.#open(0, INPUT_FLAGS);
    if (input === null) return null;
    // Where standard error goes elsewhere, as in a custodian, what is shown goes where it is typed.
    const output = this.#open(2, OUTPUT_FLAGS) ?? this.#open(0, OUTPUT_FLAGS);
    return new FfiTerminal(this.#calls, input, output);
  }

  remember(): (() => void) | null {
    const descriptor = this.#open(0, INPUT_FLAGS);
    if (descriptor === null) return null;
    const settings = new Uint8Array(SETTINGS_LENGTH);
    const isRead = this.#calls.tcgetattr(descriptor, settings) === 0;
    this.#calls.close(descriptor);
    if (!isRead) return null;
    return () => {
      const again = this.#open(0, INPUT_FLAGS);
      if (again === null) return; // it hung up
      this.#calls.tcsetattr(again, TCSADRAIN, settings);
      this.#calls.close(again);
    };
  }

  openSource(descriptor: number): ByteSource {
    return {
      read: (bytes, offset) => readByte(this.#calls, descriptor, bytes, offset),
      close: () => undefined,
    };
  }

  #open(standard: number, flags: number): number | null {
    const paths = this.#mayOpen("/dev/tty") ? ["/dev/tty"] : [];
    if (this.#calls.isatty(standard) === 1) paths.push(`/dev/fd/${standard}`);
    for (const path of paths) {
      const descriptor = this.#calls.open(new TextEncoder().encode(`${path}\0`), flags);
      if (descriptor >= 0) return descriptor;
    }
    return null;
  }
}

class FfiTerminal implements Terminal {
  readonly #calls: TerminalCalls;
  readonly #input: number;
  readonly #output: number | null;
  #found: Uint8Array<ArrayBuffer> | null = null;

  constructor(calls: TerminalCalls, input: number, output: number | null) {
    this.#calls = calls;
    this.#input = input;
    this.#output = output;
  }

  read(bytes: Uint8Array<ArrayBuffer>, offset: number): ReadOutcome {
    return readByte(this.#calls, this.#input, bytes, offset);
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
    const settings = new Uint8Array(SETTINGS_LENGTH);
    if (this.#calls.tcgetattr(this.#input, settings) !== 0) throw refused();
    this.#found ??= settings;
    this.#apply(rawSettings(this.#found));
  }

  leaveRaw(): void {
    if (this.#found === null) return;
    this.#apply(this.#found);
    this.#found = null;
  }

  /** Past the runtime's permissions, which on Deno ask for those of a program that starts others. */
  stop(pid: number): void {
    if (this.#calls.kill(pid, constants.signals.SIGTSTP) !== 0) throw refused();
  }

  close(): void {
    this.#calls.close(this.#input);
    if (this.#output !== null) this.#calls.close(this.#output);
  }

  #apply(settings: Uint8Array<ArrayBuffer>): void {
    if (this.#calls.tcsetattr(this.#input, TCSADRAIN, settings) !== 0) throw refused();
  }
}

function refused(): LetheError {
  return new LetheError(
    "ERR_LETHE_UNAVAILABLE",
    "Cannot prompt for secret: the system refused to set the terminal, or to stop for it",
  );
}

/** After what was written has been shown. */
const TCSADRAIN = 1;
const POLLIN = 1;

function readByte(
  calls: TerminalCalls,
  descriptor: number,
  bytes: Uint8Array<ArrayBuffer>,
  offset: number,
): ReadOutcome {
  // struct pollfd: int fd, short events, short revents.
  const request = new Int32Array([descriptor, POLLIN]);
  if (calls.poll(new Uint8Array(request.buffer), 1n, 0) <= 0) return "nothing";
  return calls.read(descriptor, bytes.subarray(offset, offset + 1), 1n) === 1n ? "byte" : "end";
}

function openLibc(ffi: Ffi): TerminalCalls {
  const answers: string[] = [];
  for (const library of LIBRARIES) {
    try {
      return ffi.open(library, SIGNATURES);
    } catch (error) {
      answers.push(error instanceof Error ? error.message : "refused");
    }
  }
  throw new LetheError(
    "ERR_LETHE_UNAVAILABLE",
    `Cannot open the C library (${answers.join("; ")})`,
  );
}

/** glibc and musl. */
const LIBRARIES = ["libc.so.6", "libc.so", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"];
