import { fillRandom } from "../../core/globals.ts";
import { wallClock } from "../../system/timers.ts";
import type { FileFacts } from "./file_calls.ts";
import type { Place } from "./place.ts";
import type { Task } from "./task.ts";

/** The lock of a directory: a file, or a directory where there is no flock(2). */
export const LOCK = ".lethe-lock";

/** What a temporary is for: a file to be, the old form of a key while it is replaced, a lock to be. */
export type Purpose = "new" | "old" | "lock";

/** A name that no other file has, of a kind that {@link sweep} recognises. */
export function temporaryName(purpose: Purpose): string {
  return `.lethe-${randomHex()}.${purpose}`;
}

/** The second name of a key that is being replaced by another key. */
export function replacedName(name: string): string {
  return `${name}.replaced-${randomHex()}`;
}

/** The name under which a rotation leaves the old key. */
export function previousName(name: string): string {
  return `${name}${PREVIOUS}`;
}

/** The name to which a `NAME.previous` belongs, or null. */
export function nameOfPrevious(name: string): string | null {
  return name.endsWith(PREVIOUS) && name !== PREVIOUS ? name.slice(0, -PREVIOUS.length) : null;
}

const PREVIOUS = ".previous";

/** 64 random bits, in hex. */
export function randomHex(): string {
  const random = fillRandom(new Uint8Array(8));
  return Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const TEMPORARY = /^\.lethe-[0-9a-f]{16}\.(?:new|old|lock)$/;

/**
 * What cut-off changes left in a directory, as far as it can be listed: temporaries, and keys that a
 * rotation was about to remove.
 */
export function leftovers(task: Task, { directory, name }: Place): readonly string[] {
  const names = task.try((calls) => calls.list(directory)) ?? [];
  return names.filter((other) => TEMPORARY.test(other) || isReplaced(other, name));
}

/** Whether `other` is the second name that a rotation of `name` gave. */
export function isReplaced(other: string, name: string): boolean {
  return (
    other.startsWith(`${name}.replaced-`) && /^[0-9a-f]{16}$/.test(other.slice(name.length + 10))
  );
}

/**
 * Removes the temporaries of this user, under the lock: no other change is under way. It is
 * housekeeping: where it fails, nothing else does.
 *
 * A key that a rotation was about to remove stays, unless the same key is in place: the rotation was
 * cut off, so that nobody was given the key that took its place.
 *
 * @param same whether the file has the content of the one in place
 */
export function sweep(task: Task, place: Place, same: (name: string) => boolean): void {
  const { directory } = place;
  for (const name of [...leftovers(task, place), previousName(place.name)]) {
    const facts = task.try((calls) => calls.statName(directory, name));
    if (facts === undefined || facts.owner !== task.calls.user()) continue;
    if (facts.kind === "directory") clear(task, place, name, facts);
    else if (facts.kind === "file" && (TEMPORARY.test(name) || isEmptyOrSame(name, facts, same))) {
      task.try((calls) => calls.unlink(directory, name));
    }
  }
}

/** A second name that was cut off before it had its content, see giveName; or a key that is in place. */
function isEmptyOrSame(
  name: string,
  { size }: FileFacts,
  same: (name: string) => boolean,
): boolean {
  return size === 0 || (!name.endsWith(PREVIOUS) && same(name));
}

/** A lock to be, whose maker may be at work still, waiting for this lock. */
function clear(task: Task, { directory }: Place, name: string, { modified }: FileFacts): void {
  if (modified + OLD > wallClock()) return;
  for (const holder of task.try((calls) => calls.list(directory, name)) ?? []) {
    task.try((calls) => calls.unlink(directory, `${name}/${holder}`));
  }
  task.try((calls) => calls.removeDirectory(directory, name));
}

/** In milliseconds. One that is swept while it is waited with fails with a typed error, no more. */
const OLD = 60_000;
