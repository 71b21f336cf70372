import { readdirSync, readlinkSync } from "node:fs";
import { isPermitted } from "../../system/permitted.ts";
import { readText } from "../../system/read_text.ts";
import { type SystemCall, systemCallNumber } from "../../system/system_calls.ts";

/**
 * Whether another thread of this process waits in a read(2) of what `descriptor` is. On Linux, where
 * `/proc` shows the calls of one's own threads; elsewhere, and where Deno may not read there, it is not
 * known, and false.
 */
export function blockedReader(descriptor: number): boolean {
  const calls = READS.map((call) => systemCallNumber(call));
  const mayRead = [THREADS, FILES].every((path) => isPermitted({ name: "read", path }));
  if (calls.includes(undefined) || !mayRead) return false;
  try {
    const own = readlinkSync(`${FILES}/${descriptor}`);
    return readdirSync(THREADS).some((thread) => {
      const call = waitingCall(thread);
      // In another of the reading threads it is this very file that is read.
      const [number = -1, first = -1] = call;
      return calls.includes(number) && targetOf(first) === own;
    });
  } catch {
    return false;
  }
}

/** The call that a thread waits in and its first argument; nothing while it runs. */
function waitingCall(thread: string): readonly number[] {
  try {
    return readText(`${THREADS}/${thread}/syscall`).split(" ", 2).map(Number);
  } catch {
    return []; // it has ended
  }
}

function targetOf(descriptor: number): string | null {
  try {
    return readlinkSync(`${FILES}/${descriptor}`);
  } catch {
    return null;
  }
}

const THREADS = "/proc/self/task";
const FILES = "/proc/self/fd";

const READS: readonly SystemCall[] = ["read", "readv"];
