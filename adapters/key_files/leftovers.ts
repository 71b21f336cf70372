import { fillRandom } from "../../core/globals.ts";
import { wallClock } from "../timers.ts";
import type { Place } from "./place.ts";
import type { Task } from "./task.ts";

/** A name that no other file has, of a kind that {@link sweep} recognises. */
export function temporaryName(): string {
  const random = fillRandom(new Uint8Array(8));
  return `.lethe-${Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("")}.new`;
}

const TEMPORARY = /^\.lethe-[0-9a-f]{16}\.new$/;

/**
 * A write takes milliseconds. One that takes longer than this, and loses its temporary to a sweep,
 * fails with a typed error and leaves nothing: what is at stake is that call, not a key.
 */
const OLD = 60_000;

/** The temporaries that processes left in a directory when they were killed, as far as it can be listed. */
export function leftovers(task: Task, { directory }: Place): readonly string[] {
  const names = task.try((calls) => calls.list(directory)) ?? [];
  return names.filter((name) => TEMPORARY.test(name));
}

/**
 * Removes old temporaries of this user. It is housekeeping: where it fails, nothing else does.
 */
export function sweep(task: Task, place: Place): void {
  for (const name of leftovers(task, place)) {
    const facts = task.try((calls) => {
      const descriptor = calls.openFile(place.directory, name);
      try {
        return calls.stat(descriptor);
      } finally {
        calls.close(descriptor);
      }
    });
    const own = facts?.kind === "file" && facts.owner === task.calls.user();
    if (own && facts.modified + OLD < wallClock()) {
      task.try((calls) => calls.unlink(place.directory, name));
    }
  }
}
