import type { ChildProcess } from "node:child_process";
import { writeSync } from "node:fs";
import { errorCode, optional } from "../../core/arguments/own.ts";
import { LetheError } from "../../core/mod.ts";
import { ERRNO_NAMES } from "../../system/constants.ts";
import type { Ffi } from "../../system/ffi.ts";
import { openLibrary } from "../../system/libc.ts";

/**
 * The way from secret memory to the standard input of a program. A runtime fills it.
 *
 * - INPUT-1: `write` passes the address of `bytes` to the kernel; no stream of the runtime copies them
 * - INPUT-2: it writes all, or throws: what is written fits into a pipe
 */
export interface PluginInput {
  /** What the program is to have as its standard input. */
  readonly stdio: number | "pipe";
  /** Called in the turn in which the program was started. */
  started(child: ChildProcess): void;
  write(bytes: Uint8Array<ArrayBuffer>): void;
  close(): void;
}

/** Opens the input of one program. @throws {LetheError} `ERR_LETHE_WRAPPER` */
export type OpenPluginInput = () => PluginInput;

/** For Node: the socket that it makes for its child, which is written to without its stream. */
export function openHandleInput(): PluginInput {
  let child: ChildProcess | undefined;
  let descriptor = -1;
  return {
    stdio: "pipe",
    started(process) {
      child = process;
      child.stdin?.on("error", () => undefined); // its end shows in its output
      const stream = process.stdin as { readonly _handle?: { readonly fd?: number } | null };
      descriptor = optional(stream, "_handle")?.fd ?? -1;
      if (descriptor < 0) throw failed("this Node.js does not give the descriptor of its input");
    },
    write(bytes) {
      try {
        if (writeSync(descriptor, bytes) === bytes.length) return;
      } catch (error) {
        throw failed(`its input cannot be written (${errorCode(error) ?? "refused"})`);
      }
      throw failed("it does not read its input");
    },
    close: () => void child?.stdin?.destroy(),
  };
}

const SIGNATURES = {
  pipe2: { parameters: ["bytes", "i32"], result: "i32" },
  write: { parameters: ["i32", "bytes", "usize"], result: "isize" },
  close: { parameters: ["i32"], result: "i32" },
  __errno_location: { parameters: [], result: "usize" },
} as const;

/** For Deno and Bun, which hand the number of any descriptor on: a pipe of libc. Linux. */
export function ffiInputs(ffi: Ffi): OpenPluginInput {
  if (ffi.platform !== "linux") throw failed(`there are no system calls for ${ffi.platform}`);
  const libc = openLibrary(ffi, SIGNATURES);
  const errno = new Int32Array(ffi.viewAt(libc.__errno_location(), 4));
  const reason = (): string => ERRNO_NAMES[errno[0] ?? 0] ?? `errno ${errno[0]}`;
  return () => {
    const ends = new Int32Array(new ArrayBuffer(8));
    if (libc.pipe2(new Uint8Array(ends.buffer), O_CLOEXEC) < 0) {
      throw failed(`there is no pipe for its input (${reason()})`);
    }
    const [reader, writer] = ends as unknown as readonly [number, number];
    const open = new Set([reader, writer]);
    const close = (descriptor: number): void => {
      if (open.delete(descriptor)) libc.close(descriptor);
    };
    return {
      stdio: reader,
      started: () => close(reader),
      write(bytes) {
        const count = libc.write(writer, bytes, BigInt(bytes.length));
        if (count === BigInt(bytes.length)) return;
        throw failed(`its input cannot be written (${count < 0n ? reason() : "it is full"})`);
      },
      close() {
        close(reader);
        close(writer);
      },
    };
  };
}

const O_CLOEXEC = 0o2000000;

function failed(reason: string): LetheError {
  return new LetheError("ERR_LETHE_WRAPPER", `Cannot run plugin: ${reason}`);
}
