import { TracerRun, trace } from "./orders.ts";

/** What a forked child could do with pages of its parent. */
export interface Forked {
  /** Whether it read an ordinary byte of its parent's, as every fork does. */
  readonly control: "same" | "lost";
  /** What it read, or the signal that reading raised. */
  readonly read: string;
  /** How its write ended, or the signal that writing raised. */
  readonly write: string;
  /** Whether the parent's bytes were what they had been after the child wrote. */
  readonly parent: "unchanged" | "changed";
}

/** A program that the target started without closing a descriptor. */
export interface Executed {
  /** The id of its process. */
  readonly pid: number;
  /** A descriptor that was made to survive: where it is missing, nothing is seen. */
  readonly control: number;
}

/**
 * Lets a stopped process act by its own instructions, by ptrace(2) and `tracer.c`: what it does with
 * an address is what stray native code in it would do.
 *
 * Every method throws `NotRun` where the machine does not allow it: no C compiler, another
 * processor, ptrace refused.
 *
 * @example
 * ```ts
 * import type { Tracer } from "lethe/conformance";
 *
 * export async function attack(tracer: Tracer, address: bigint): Promise<void> {
 *   console.log(await tracer.peek(address, 32)); // what a debugger reads
 *   console.log(await tracer.touch("load", address)); // "signal 11" from a guarded page
 *   console.log((await tracer.fork(address, 32, address)).read);
 *   console.log(await tracer.execute(({ pid }) => pid));
 *   await tracer.atExit(() => undefined, async () => undefined);
 * }
 * ```
 */
export class Tracer {
  readonly #pid: string;

  /** Traces the process `pid`, which is stopped only while a method runs. */
  constructor(pid: number) {
    this.#pid = String(pid);
  }

  /**
   * Reads as a debugger does.
   *
   * @returns a digest of the bytes, which may be a secret and stay in the tracer; or why the kernel
   * refused
   */
  async peek(address: bigint, byteLength: number): Promise<{ digest?: string; refused?: string }> {
    const [line = ""] = await trace("peek", this.#pid, hex(address), String(byteLength));
    return line.startsWith("digest ") ? { digest: line.slice(7) } : { refused: line.slice(8) };
  }

  /**
   * Lets the process read a byte, or flip its lowest bit. A signal that this raises is delivered.
   *
   * @returns `survived`, or `signal N`
   */
  async touch(how: "load" | "store", address: bigint): Promise<string> {
    const [line = ""] = await trace(how, this.#pid, hex(address));
    return line;
  }

  /** Forks the process; the child reads and writes at `address`, which the process can. */
  async fork(address: bigint, byteLength: number, control: bigint): Promise<Forked> {
    const words = ["fork", this.#pid, hex(address), String(byteLength), hex(control)];
    const said = (await trace(...words)).map((line) => [
      line.slice(0, line.indexOf(" ")),
      line.slice(line.indexOf(" ") + 1),
    ]);
    return Object.fromEntries(said) as Forked;
  }

  /** Lets a fork of the process execute another program, and `look` at that. */
  async execute<T>(look: (executed: Executed) => T): Promise<T> {
    const run = new TracerRun(["exec", this.#pid]);
    const [, pid, control] = (await run.line()).split(" ").map(Number);
    try {
      return look({ pid: pid as number, control: control as number });
    } finally {
      await run.close();
    }
  }

  /** Calls `provoke`, and `look` when the process has ended but still has its memory. */
  async atExit<T>(provoke: () => void, look: () => Promise<T>): Promise<T> {
    const run = new TracerRun(["exits", this.#pid]);
    await run.line();
    provoke();
    await run.line();
    try {
      return await look();
    } finally {
      await run.close();
    }
  }
}

function hex(address: bigint): string {
  return `0x${address.toString(16)}`;
}
