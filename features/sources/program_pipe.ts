import type { ChildProcess } from "node:child_process";
import { readSync } from "node:fs";
import { errorCode, optional } from "../../core/arguments/own.ts";
import { LetheError } from "../../core/mod.ts";
import { ERRNO_NAMES } from "../../system/constants.ts";
import type { Ffi } from "../../system/ffi.ts";
import { openLibrary } from "../../system/libc.ts";
import type { ByteSource } from "../prompt/terminal.ts";

/**
 * The way from the standard output of a program into secret memory. A runtime fills it.
 *
 * A conforming implementation guarantees:
 *
 * - PIPE-1: `read` passes the address of `bytes` to the kernel, and never waits: no stream of the runtime reads
 *   ahead into its own memory
 * - PIPE-2: the end is seen when the last process that has the other end has closed it
 */
export interface ProgramPipe extends ByteSource {
  /** What the program is to have as its standard output. */
  readonly stdio: number | "pipe";
  /** Called in the turn in which the program was started. */
  started(child: ChildProcess): void;
}

/** Opens the pipe for one program. @throws {LetheError} `ERR_LETHE_UNAVAILABLE` */
export type OpenProgramPipe = () => ProgramPipe;

/** What a stream of Node reads with. Undocumented, and there since Node 0.x. */
interface Handle {
  readonly fd?: number;
  readStart?(): number;
  readStop?(): number;
}

/**
 * For Node: the socket that it makes for its child, whose stream is kept from reading. Nothing was read before:
 * that takes a turn of the event loop.
 */
export function openHandlePipe(): ProgramPipe {
  let child: ChildProcess | undefined;
  let descriptor = -1;
  return {
    stdio: "pipe",
    started(process) {
      child = process;
      const handle = optional(process.stdout as { readonly _handle?: Handle | null }, "_handle");
      if (
        typeof handle?.readStop !== "function" ||
        typeof handle.fd !== "number" ||
        handle.fd < 0
      ) {
        throw unavailable("this Node.js does not give the descriptor of a child's output");
      }
      handle.readStop();
      handle.readStart = () => 0;
      descriptor = handle.fd;
    },
    read(bytes, offset) {
      try {
        return readSync(descriptor, bytes, offset, 1, null) === 0 ? "end" : "byte";
      } catch (error) {
        const code = errorCode(error) ?? "refused";
        if (code === "EAGAIN" || code === "EINTR") return "nothing";
        throw unavailable(`its output cannot be read (${code})`);
      }
    },
    close: () => void child?.stdout?.destroy(),
  };
}

const SIGNATURES = {
  pipe2: { parameters: ["bytes", "i32"], result: "i32" },
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" }, // variadic, as open
  read: { parameters: ["i32", "bytes", "usize"], result: "isize" },
  close: { parameters: ["i32"], result: "i32" },
  __errno_location: { parameters: [], result: "usize" },
} as const;

/** For Deno and Bun, which hand the number of any descriptor on: a pipe of libc. Linux. */
export function ffiPipes(ffi: Ffi): OpenProgramPipe {
  if (ffi.platform !== "linux") {
    throw unavailable(`there are no system calls for ${ffi.platform}`);
  }
  const libc = openLibrary(ffi, SIGNATURES);
  const errno = new Int32Array(ffi.viewAt(libc.__errno_location(), 4));
  const reason = (): string => ERRNO_NAMES[errno[0] ?? 0] ?? `errno ${errno[0]}`;
  return () => {
    const ends = new Int32Array(new ArrayBuffer(8));
    if (libc.pipe2(new Uint8Array(ends.buffer), O_CLOEXEC) < 0) {
      throw unavailable(`there is no pipe for its output (${reason()})`);
    }
    const [reader, writer] = ends as unknown as readonly [number, number];
    libc.fcntl(reader, F_SETFL, O_NONBLOCK); // its other end goes on waiting
    const open = new Set([reader, writer]);
    const close = (descriptor: number): void => {
      if (open.delete(descriptor)) libc.close(descriptor);
    };
    const one = 1n;
    return {
      stdio: writer,
      started: () => close(writer),
      read(bytes, offset) {
        const at = new Uint8Array(bytes.buffer, bytes.byteOffset + offset, 1);
        const count = libc.read(reader, at, one);
        if (count === one) return "byte";
        if (count === 0n) return "end";
        const code = reason();
        if (code === "EAGAIN" || code === "EINTR") return "nothing";
        throw unavailable(`its output cannot be read (${code})`);
      },
      close() {
        close(reader);
        close(writer);
      },
    };
  };
}

function unavailable(reason: string): LetheError {
  return new LetheError("ERR_LETHE_UNAVAILABLE", `Cannot read a program: ${reason}`);
}

const O_CLOEXEC = 0o2000000;
const O_NONBLOCK = 0o4000;
const F_SETFL = 4;
