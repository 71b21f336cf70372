import { closeSync, openSync, readdirSync, readSync } from "node:fs";
import { offHeapBytes, wipeBytes } from "../../../core/mod.ts";
import { process, TextEncoder } from "../../../system/node_builtins.ts";
import { isPermitted } from "../../../system/permitted.ts";
import { readText } from "../../../system/read_text.ts";
import { MARK_VARIABLE, type Mark } from "./mark.ts";

/** A process that starts others all the time is not followed without end. */
const MOST_ROUNDS = 20;
/** What Linux gives to arguments and environment, unless a limit was raised. */
const MOST_ENVIRONMENT = 2 ** 21;

/**
 * Ends every process that a start has left: those that carry its mark in their environment, and those
 * that they have started. A custodian starts none; a program that was taken for a runtime may.
 *
 * They are found in `/proc`. Elsewhere than on Linux, and where Deno may not read there, `root` alone
 * ends. They cannot be a process group: one in the background may not read the terminal.
 *
 * @param root the process that the start began with, unless that has ended
 */
export function endMarked(mark: Mark, root: number | null): void {
  const stopped = new Set<number>();
  const bytes = offHeapBytes(MOST_ENVIRONMENT);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const found = descendants(mark, root, bytes).filter((pid) => !stopped.has(pid));
    if (found.length === 0) break;
    // Stopped first: one that is killed is no longer a parent by which its children are found.
    for (const pid of found) {
      send(pid, "SIGSTOP");
      stopped.add(pid);
    }
  }
  for (const pid of stopped) send(pid, "SIGKILL");
}

function descendants(
  mark: Mark,
  root: number | null,
  bytes: Uint8Array<ArrayBuffer>,
): readonly number[] {
  const parents = new Map<number, number>();
  const found = new Set<number>();
  const wanted = new TextEncoder().encode(`${MARK_VARIABLE}=${mark.value}\0`);
  for (const name of processes()) {
    const stat = textOf(`/proc/${name}/stat`);
    // proc_pid_stat(5): the name may have spaces and parentheses in it.
    const [state = "", parent = ""] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const pid = Number(name);
    if (!/^[A-WYa-wy]$/.test(state) || pid === process.pid) continue; // a zombie, dead, or gone
    parents.set(pid, Number(parent));
    if (pid === root || holds(`/proc/${name}/environ`, wanted, bytes)) found.add(pid);
  }
  for (let before = 0; before < found.size; ) {
    before = found.size;
    for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid);
  }
  return [...found];
}

function processes(): readonly string[] {
  if (!isPermitted({ name: "read", path: "/proc" })) return [];
  try {
    return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

/** Nothing of a process that has ended or may not be looked into. */
function textOf(path: string): string {
  try {
    return readText(path);
  } catch {
    return "";
  }
}

/** Whether a file has these bytes. Others keep passwords in their environment: nothing of it is kept. */
function holds(path: string, wanted: Uint8Array, bytes: Uint8Array<ArrayBuffer>): boolean {
  let length = 0;
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, "r");
    for (let read = -1; read !== 0 && length < bytes.length; length += read) {
      read = readSync(descriptor, bytes, length, bytes.length - length, null);
    }
    return Buffer.from(bytes.buffer, 0, length).includes(wanted);
  } catch {
    return false;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
    wipeBytes(bytes.subarray(0, length));
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  if (!isPermitted({ name: "run" })) return;
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended, or is another user's.
  }
}
