import { LINUX } from "../../system/constants.ts";
import type { Ffi, Symbols } from "../../system/ffi.ts";
import { MAP_FAILED, openLibrary } from "../../system/libc.ts";
import { process, TextEncoder } from "../../system/node_builtins.ts";
import { systemCallNumber } from "../../system/system_calls.ts";
import type { Fate, TriedCall } from "./call_filter.ts";

const CALLS = {
  // Variadic in C; on Linux integers are passed to it as to any other function.
  clone: { parameters: ["usize", "usize", "i32", "usize"], result: "i32" },
  waitpid: { parameters: ["i32", "bytes", "i32"], result: "i32" },
  sigprocmask: { parameters: ["i32", "bytes", "bytes"], result: "i32" },
  getrlimit: { parameters: ["i32", "bytes"], result: "i32" },
  setrlimit: { parameters: ["i32", "bytes"], result: "i32" },
  mmap: { parameters: ["usize", "usize", "i32", "i32", "i32", "isize"], result: "usize" },
  munmap: { parameters: ["usize", "usize"], result: "i32" },
} as const;
const LOOKUP = { dlsym: { parameters: ["usize", "bytes"], result: "usize" } } as const;

/**
 * Makes one system call in a child process, to see whether a filter kills for it.
 *
 * The child is not a program and runs no JavaScript: clone(2) gives it a copy of this process, in which
 * it calls the C library's syscall(2), whose parameters besides the number are what the registers
 * held, and ends. (Of keyctl(2) that is an address on the stack, the number of no operation.) It costs about half a millisecond, sends no signal, and leaves no core file.
 *
 * The parent makes two calls that it may not have made before. wait4(2) is tried first, in a child
 * whose end is read from `/proc`. clone(2) is the one that nothing can try: by it, or by clone3(2),
 * the runtime made its threads.
 */
export class Trials {
  readonly #libc: Symbols<typeof CALLS>;
  /** Address of the C library's syscall(2). */
  readonly #entry: bigint;
  readonly #readText: (path: string) => string | null;
  #canWait: boolean | null = null;

  /**
   * @param readText a small file as text, or null
   * @throws {Error} when the C library lacks one of the functions
   */
  constructor(ffi: Ffi, readText: (path: string) => string | null) {
    this.#readText = readText;
    this.#libc = openLibrary(ffi, CALLS);
    // Its own library before glibc 2.34.
    const { dlsym } = openLibrary(ffi, LOOKUP, ["libdl.so.2"]);
    this.#entry = dlsym(0n, new TextEncoder().encode("syscall\0"));
    if (this.#entry === 0n) throw new Error("the C library has no syscall");
  }

  fate(call: TriedCall): Fate {
    const [wait4, number] = [systemCallNumber("wait4"), systemCallNumber(call)];
    if (wait4 === undefined || number === undefined) {
      return unknown(`its number on ${process.arch} is not known`);
    }
    this.#canWait ??= this.#mayWait(wait4);
    if (!this.#canWait) return unknown("wait4 was not allowed, or /proc does not tell");
    const child = this.#start(number);
    if (child === null) return unknown("clone was refused");
    const status = new Int32Array(new ArrayBuffer(4));
    if (this.#libc.waitpid(child, new Uint8Array(status.buffer), __WALL) !== child) {
      return unknown("wait4 was refused");
    }
    return { end: ((status[0] ?? 0) & SIGNAL_BITS) === 0 ? "survived" : "killed" };
  }

  /** Whether wait4(2) may be called here. Where it kills, the child that found out stays a zombie. */
  #mayWait(number: number): boolean {
    const child = this.#start(number);
    if (child === null) return false;
    // It has no children, and so says ECHILD or EINVAL: -1, as an exit status.
    if (this.#statusOf(child) !== FAILED_STATUS) return false;
    return this.#libc.waitpid(child, new Uint8Array(new ArrayBuffer(4)), __WALL) === child;
  }

  /** The status of a child that has ended, as `/proc` has it. Null: it is not there in time. */
  #statusOf(child: number): number | null {
    for (let look = 0; look < LOOKS; look++) {
      const stat = this.#readText(`/proc/${child}/stat`);
      if (stat === null) return null;
      // The name in the second field may hold any character (proc_pid_stat(5)).
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      if (fields[0] === "Z") return Number(fields.at(-1));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
    return null;
  }

  /** Starts a child that makes a call and ends with its result. It catches no signal of the process. */
  #start(number: number): number | null {
    const { mmap, munmap, sigprocmask, clone } = this.#libc;
    const stack = mmap(0n, STACK, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0n);
    if (stack === MAP_FAILED) return null;
    const mask = new Uint8Array(new ArrayBuffer(SIGNAL_SET));
    sigprocmask(SIG_BLOCK, new Uint8Array(new ArrayBuffer(SIGNAL_SET)).fill(0xff), mask);
    const giveBack = this.#forbidCoreFile();
    const child = clone(this.#entry, stack + STACK - ALIGNMENT, 0, BigInt(number));
    giveBack();
    sigprocmask(SIG_SETMASK, mask, new Uint8Array(new ArrayBuffer(SIGNAL_SET)));
    munmap(stack, STACK);
    return child > 0 ? child : null;
  }

  /** A limit of 1 byte: 0 would not hold off a program that dumps are piped to (core(5)). */
  #forbidCoreFile(): () => void {
    const limits = new BigUint64Array(2);
    const bytes = new Uint8Array(limits.buffer);
    if (this.#libc.getrlimit(RLIMIT_CORE, bytes) !== 0) return () => undefined;
    const [soft = 0n, hard = 0n] = limits;
    limits[0] = hard < 1n ? hard : 1n;
    if (this.#libc.setrlimit(RLIMIT_CORE, bytes) !== 0) return () => undefined;
    return () => {
      limits[0] = soft;
      this.#libc.setrlimit(RLIMIT_CORE, bytes);
    };
  }
}

function unknown(reason: string): Fate {
  return { end: "unknown", reason };
}

const STACK = 65_536n;
/** Of a stack pointer, on every 64-bit system; with some room above it. */
const ALIGNMENT = 64n;
const READ_WRITE = LINUX.PROT_READ | LINUX.PROT_WRITE;
const PRIVATE_ANONYMOUS = LINUX.MAP_PRIVATE | LINUX.MAP_ANONYMOUS;
/** Bytes of a `sigset_t`, in glibc and musl. */
const SIGNAL_SET = 128;
const SIG_BLOCK = 0;
const SIG_SETMASK = 2;
const RLIMIT_CORE = 4;
/** Also children that send no signal when they end, and only such are made here. */
const __WALL = 0x4000_0000;
/** The signal that a process ended by, in its wait status. */
const SIGNAL_BITS = 0x7f;
/** The wait status of who exits with -1. */
const FAILED_STATUS = 0xff00;
/** A child ends at once. After so many milliseconds it was not scheduled, or it waits for somebody. */
const LOOKS = 1000;
