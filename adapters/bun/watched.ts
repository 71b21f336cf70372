import { readdirSync, readlinkSync } from "node:fs";
import { readText } from "../../system/read_text.ts";

/**
 * What the event loops of this process wait for, as the kernel shows it: `/proc/self/fdinfo` lists for an
 * epoll what it watches, each with the inode of the file. Nothing, where there is no `/proc`.
 */
export class Watched {
  readonly #inodes: ReadonlySet<number>;
  readonly #loops: readonly string[];

  /** @param inodes the only ones that are looked at: a server watches thousands of sockets */
  constructor(inodes: readonly number[]) {
    this.#inodes = new Set(inodes);
    this.#loops = descriptors().filter((name) => targetOf(name) === "anon_inode:[eventpoll]");
  }

  /** Whether bytes of a descriptor are waited for that is `wanted`. */
  has(wanted: (target: string) => boolean): boolean {
    return this.#loops.some((loop) => {
      const entries = textOf(`/proc/self/fdinfo/${loop}`).matchAll(ENTRY);
      return [...entries].some(([, watched = "", events = "", inode = ""]) => {
        if ((Number.parseInt(events, 16) & EPOLLIN) === 0) return false;
        if (!this.#inodes.has(Number.parseInt(inode, 16))) return false;
        const target = targetOf(watched);
        return target !== null && wanted(target);
      });
    });
  }
}

/** What the descriptor is, as a path; null when it is closed. */
export function targetOf(descriptor: string | number): string | null {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return null;
  }
}

export function isTerminal(target: string): boolean {
  return (
    target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target === "/dev/console"
  );
}

function descriptors(): readonly string[] {
  try {
    return readdirSync("/proc/self/fd");
  } catch {
    return [];
  }
}

function textOf(path: string): string {
  try {
    return readText(path);
  } catch {
    return ""; // it was closed
  }
}

const ENTRY = /^tfd:\s+(\d+) events:\s+([0-9a-f]+).* ino:([0-9a-f]+)/gm;
const EPOLLIN = 1;
