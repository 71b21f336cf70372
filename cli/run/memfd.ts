import { chmodSync, closeSync, openSync } from "node:fs";
import { ERRNO_NAMES } from "../../system/constants.ts";
import type { Ffi } from "../../system/ffi.ts";
import { openLibrary } from "../../system/libc.ts";
import { NotPossibleError } from "../command_line/usage_error.ts";
import { fillRoom, type MemoryFile } from "./memory_file.ts";

const SIGNATURES = {
  memfd_create: { parameters: ["bytes", "i32"], result: "i32" },
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" }, // variadic, as open
  close: { parameters: ["i32"], result: "i32" },
  __errno_location: { parameters: [], result: "usize" },
} as const;

/** Makes files that are sealed once they are filled: nobody can change them from then on, not their owner either. */
export type OpenSealedFile = (byteLength: number) => MemoryFile;

/**
 * By memfd_create(2) and F_ADD_SEALS. What lies in them is ordinary memory: root reads it, and it can be swapped.
 *
 * @throws {NotPossibleError} where the kernel has none, or refuses it
 */
export function sealedFiles(ffi: Ffi): OpenSealedFile {
  if (ffi.platform !== "linux") throw new NotPossibleError("--as memfd takes Linux");
  const libc = openLibrary(ffi, SIGNATURES);
  const errno = new Int32Array(ffi.viewAt(libc.__errno_location(), 4));
  const code = (): string => ERRNO_NAMES[errno[0] ?? 0] ?? `errno ${errno[0]}`;
  const name = new TextEncoder().encode("lethe\0");

  function create(): number {
    for (const more of [MFD_NOEXEC_SEAL, 0]) {
      const made = libc.memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | more);
      if (made >= 0) return made;
      if (code() !== "EINVAL") break; // a kernel before 6.3 has no MFD_NOEXEC_SEAL
    }
    throw new NotPossibleError(`--as memfd needs memfd_create(2), which was refused: ${code()}`);
  }

  return (byteLength) => {
    const made = create();
    // By its path: what a runtime takes for a descriptor may be a number of its own.
    const path = `/proc/self/fd/${made}`;
    let writer: number | undefined;
    try {
      chmodSync(path, 0o400);
      writer = openSync(path, "r+");
      fillRoom(writer, byteLength);
      const reader = openSync(path, "r");
      return { writer, reader, filled: seal, dropped: () => void libc.close(made) };
    } catch (error) {
      if (writer !== undefined) closeSync(writer);
      libc.close(made);
      const { code: reason } = error as NodeJS.ErrnoException;
      throw new NotPossibleError(`--as memfd needs memory and /proc: ${reason}`);
    }

    function seal(): void {
      const outcome = libc.fcntl(made, F_ADD_SEALS, EVERY_SEAL);
      const reason = outcome < 0 ? code() : null;
      libc.close(made);
      if (reason !== null) throw new NotPossibleError(`--as memfd cannot be sealed: ${reason}`);
    }
  };
}

const [MFD_CLOEXEC, MFD_ALLOW_SEALING, MFD_NOEXEC_SEAL] = [1, 2, 8];
const F_ADD_SEALS = 1033;
const [F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE] = [1, 2, 4, 8];
const EVERY_SEAL = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
