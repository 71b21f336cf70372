import {
  LINUX,
  LINUX_EFBIG,
  LINUX_ENOENT,
  LINUX_MADV_DONTDUMP,
  LINUX_MADV_DONTFORK,
  LINUX_MADV_WIPEONFORK,
  LINUX_MAP_FIXED_NOREPLACE,
  LINUX_O_CLOEXEC,
  LINUX_O_RDONLY,
  LINUX_PR_GET_SECCOMP,
  LINUX_SYS_MEMFD_SECRET,
} from "../../system/constants.ts";
import { fillInPieces } from "../../system/entropy.ts";
import type { Ffi } from "../../system/ffi.ts";
import { type LinuxLibc, MAP_FAILED, openLibrary, openLinuxLibc } from "../../system/libc.ts";
import { asciiText, parseThread, type Thread } from "../../system/proc.ts";
import { systemCallNumber } from "../../system/system_calls.ts";
import { terminated } from "../../system/terminated.ts";
import type { Fate, TriedCall } from "./call_filter.ts";
import type { Call } from "./causes.ts";
import { Kernel, softLimit } from "./kernel.ts";
import type { Outcome, Refused, System } from "./kernel_calls.ts";
import { Trials } from "./trial.ts";

/** @throws {LetheError} `ERR_LETHE_UNAVAILABLE` */
export function openLinux(ffi: Ffi): Kernel {
  const libc = openLinuxLibc(ffi);
  return new Kernel(ffi, libc, new Linux(libc, ffi));
}

/** Bytes that are read at once: the lists of /proc come by a page, whatever is asked for. */
const PIECE = 8192;

/** Files are read through libc as well: Deno then needs no permission besides `--allow-ffi`. */
class Linux implements System {
  readonly constants = LINUX;
  readonly errno: bigint;
  readonly #libc: LinuxLibc;
  readonly #errno: Int32Array;
  readonly #ffi: Ffi;
  readonly #getrandom: (bytes: Uint8Array<ArrayBuffer>, byteLength: bigint) => bigint;
  #trials: Trials | null = null;

  constructor(libc: LinuxLibc, ffi: Ffi) {
    this.#libc = libc;
    this.#ffi = ffi;
    this.#getrandom = systemRandom(ffi, libc);
    this.errno = libc.__errno_location();
    this.#errno = new Int32Array(ffi.viewAt(this.errno, 4));
  }

  random(bytes: Uint8Array<ArrayBuffer>): boolean {
    return fillInPieces(bytes, (piece, length) => this.#getrandom(piece, length) === length);
  }

  // One advice per call: several at once, or-ed, succeed and apply one of them.
  excludeFromDump(address: bigint, byteLength: bigint): Outcome {
    return this.#advise(address, byteLength, LINUX_MADV_DONTDUMP);
  }

  excludeFromFork(address: bigint, byteLength: bigint): Outcome {
    return this.#advise(address, byteLength, LINUX_MADV_DONTFORK);
  }

  wipeInFork(address: bigint, byteLength: bigint): Outcome {
    return this.#advise(address, byteLength, LINUX_MADV_WIPEONFORK);
  }

  mapSecret(address: bigint, byteLength: bigint): Refused | null {
    // FD_CLOEXEC is the O_CLOEXEC bit here. The descriptor lives from here to the close below.
    const flags = BigInt(LINUX_O_CLOEXEC);
    const fd = Number(this.#libc.syscall(BigInt(LINUX_SYS_MEMFD_SECRET), flags));
    if (fd < 0) return this.#refused("memfd_secret");
    const refused = this.#mapFile(fd, address, byteLength);
    // Linux closes the descriptor whatever close answers; the mapping keeps the pages.
    this.#libc.close(fd);
    return refused;
  }

  plugHole(address: bigint, byteLength: bigint): boolean {
    const { PROT_NONE, MAP_PRIVATE, MAP_ANONYMOUS } = this.constants;
    const flags = MAP_PRIVATE | MAP_ANONYMOUS | LINUX_MAP_FIXED_NOREPLACE;
    const got = this.#libc.mmap(address, byteLength, PROT_NONE, flags, -1, 0n);
    // Before Linux 4.17 the flag was unknown, and the address a wish.
    if (got !== address && got !== MAP_FAILED) this.#libc.munmap(got, byteLength);
    return got === address;
  }

  readFile(path: string, use: (piece: Uint8Array<ArrayBuffer>) => unknown): boolean {
    const fd = this.#open(path);
    if (fd < 0) return false;
    const buffer = new Uint8Array(new ArrayBuffer(PIECE));
    let length = 0;
    let enough = false;
    do {
      length = Number(this.#libc.read(fd, buffer, BigInt(PIECE)));
      if (length > 0) enough = use(buffer.subarray(0, length)) === false;
    } while (length > 0 && !enough);
    this.#libc.close(fd);
    return enough || length === 0;
  }

  readAsDebugger(address: bigint, into: Uint8Array<ArrayBuffer>): number {
    const fd = this.#open("/proc/self/mem");
    if (fd < 0) return -2;
    const length = Number(this.#libc.pread(fd, into, BigInt(into.byteLength), address));
    this.#libc.close(fd);
    return length;
  }

  thread(): Thread | null {
    return this.#thread("/proc/thread-self/stat");
  }

  hasEnded({ id, started }: Thread): boolean {
    const there = this.#thread(`/proc/self/task/${id}/stat`);
    const missing = this.#errno[0] === LINUX_ENOENT;
    if (there !== null) return there.started !== started;
    // That the same question about this thread is answered shows that the answer can be had.
    return missing && this.thread() !== null;
  }

  get filtered(): boolean | null {
    const status = this.#text("/proc/thread-self/status");
    if (status !== null) return /^Seccomp:\s+[12]$/m.test(status);
    const mode = this.#libc.prctl(LINUX_PR_GET_SECCOMP, 0n, 0n, 0n, 0n);
    return mode < 0 ? null : mode > 0;
  }

  tryInChild(call: TriedCall): Fate {
    try {
      this.#trials ??= new Trials(this.#ffi, (path) => this.#text(path));
      return this.#trials.fate(call);
    } catch (error) {
      const reason = error instanceof Error ? error.message : "the C library does not open";
      return { end: "unknown", reason };
    }
  }

  #mapFile(fd: number, address: bigint, byteLength: bigint): Refused | null {
    const { PROT_NONE, MAP_SHARED, MAP_FIXED, RLIMIT_FSIZE } = this.constants;
    // Above that limit the kernel sends SIGXFSZ, which ends a process that does not ignore it.
    if (byteLength > (softLimit(this.#libc, RLIMIT_FSIZE) ?? Infinity)) {
      return { call: "ftruncate", errno: LINUX_EFBIG };
    }
    if (this.#libc.ftruncate(fd, byteLength) !== 0) return this.#refused("ftruncate");
    const flags = MAP_SHARED | MAP_FIXED;
    const got = this.#libc.mmap(address, byteLength, PROT_NONE, flags, fd, 0n);
    return got === address ? null : this.#refused("mmap");
  }

  #refused(call: Call): Refused {
    return { call, errno: this.#errno[0] ?? 0 };
  }

  #thread(path: string): Thread | null {
    const text = this.#text(path);
    return text === null ? null : parseThread(text);
  }

  #text(path: string): string | null {
    let text = "";
    const whole = this.readFile(path, (piece) => {
      text += asciiText(piece);
    });
    return whole ? text : null;
  }

  #open(path: string): number {
    const name = terminated(path);
    return this.#libc.open(name, LINUX_O_RDONLY | LINUX_O_CLOEXEC);
  }

  #advise(address: bigint, byteLength: bigint, advice: number): Outcome {
    return this.#libc.madvise(address, byteLength, advice) === 0 ? "done" : "refused";
  }
}

const RAW = {
  // As `syscall` of the other table, with the parameters of getrandom(2).
  syscall: { parameters: ["isize", "bytes", "usize", "usize"], result: "isize" },
} as const;

/**
 * The system's generator, and not the C library's: from 2.41 on glibc keeps a state of its own, in the memory
 * of the process, which a process that is continued twice from one image has twice.
 */
function systemRandom(
  ffi: Ffi,
  libc: LinuxLibc,
): (bytes: Uint8Array<ArrayBuffer>, byteLength: bigint) => bigint {
  const number = systemCallNumber("getrandom");
  if (number === undefined) return (bytes, byteLength) => libc.getrandom(bytes, byteLength, 0);
  const { syscall } = openLibrary(ffi, RAW);
  const getrandom = BigInt(number);
  return (bytes, byteLength) => syscall(getrandom, bytes, byteLength, 0n);
}
