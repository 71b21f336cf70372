import { ERRNO_NAMES } from "../../system/constants.ts";
import type { Ffi, Symbols } from "../../system/ffi.ts";
import { openLibrary } from "../../system/libc.ts";
import { isBusy, noPipe, type ProgramPipes, unavailable, unwritable } from "./pipes.ts";

const SIGNATURES = {
  pipe2: { parameters: ["bytes", "i32"], result: "i32" },
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" }, // variadic, as open
  read: { parameters: ["i32", "bytes", "usize"], result: "isize" },
  write: { parameters: ["i32", "bytes", "usize"], result: "isize" },
  close: { parameters: ["i32"], result: "i32" },
  __errno_location: { parameters: [], result: "usize" },
} as const;
type Calls = Symbols<typeof SIGNATURES>;

/**
 * For Deno and Bun, which hand the number of any descriptor on: pipes of libc. Linux.
 *
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE`
 */
export function ffiPipes(ffi: Ffi): ProgramPipes {
  if (ffi.platform !== "linux") throw unavailable(`Lethe knows no system calls of ${ffi.platform}`);
  const libc = openLibrary(ffi, SIGNATURES);
  const errno = new Int32Array(ffi.viewAt(libc.__errno_location(), 4));
  const reason = (): string => ERRNO_NAMES[errno[0] ?? 0] ?? `errno ${errno[0]}`;
  return {
    openOutput() {
      const { reader, writer, close } = openPipe(libc, reason);
      libc.fcntl(reader, F_SETFL, O_NONBLOCK); // the program's end goes on waiting
      return {
        stdio: writer,
        started: () => close(writer),
        read(bytes, offset) {
          const at = new Uint8Array(bytes.buffer, bytes.byteOffset + offset, 1);
          const count = libc.read(reader, at, 1n);
          if (count === 1n) return "byte";
          if (count === 0n) return "end";
          const code = reason();
          if (isBusy(code)) return "nothing";
          throw unavailable(`its output cannot be read (${code})`);
        },
        close: () => close(reader, writer),
      };
    },
    openInput() {
      const { reader, writer, close } = openPipe(libc, reason);
      libc.fcntl(writer, F_SETFL, O_NONBLOCK);
      return {
        stdio: reader,
        started: () => close(reader),
        write(bytes) {
          const count = libc.write(writer, bytes, BigInt(bytes.length));
          if (count >= 0n) return Number(count);
          const code = reason();
          if (isBusy(code)) return 0;
          throw unwritable(code);
        },
        close: () => close(reader, writer),
      };
    },
  };
}

/** Both ends of a new pipe, and what closes each of them once. */
interface Ends {
  readonly reader: number;
  readonly writer: number;
  close(...descriptors: readonly number[]): void;
}

function openPipe(libc: Calls, reason: () => string): Ends {
  const ends = new Int32Array(new ArrayBuffer(8));
  if (libc.pipe2(new Uint8Array(ends.buffer), O_CLOEXEC) < 0) {
    throw noPipe(reason());
  }
  const [reader, writer] = ends as unknown as readonly [number, number];
  const open = new Set([reader, writer]);
  return {
    reader,
    writer,
    close(...descriptors) {
      for (const descriptor of descriptors) {
        if (open.delete(descriptor)) libc.close(descriptor);
      }
    },
  };
}

const O_CLOEXEC = 0o2000000;
const O_NONBLOCK = 0o4000;
const F_SETFL = 4;
