import type { KeyFileContext } from "./contents.ts";
import { sweep } from "./leftovers.ts";
import { withLock } from "./lock.ts";
import { checkPath, type Place, withPlace } from "./place.ts";
import type { Original } from "./replace.ts";
import { Task } from "./task.ts";

/** Runs one change of a key file, under the lock of its directory. */
export function withChange<T>(
  { calls, wait }: KeyFileContext,
  path: string,
  verb: string,
  use: (task: Task, place: Place) => T,
): T {
  checkPath(path, verb);
  const task = new Task(calls, verb, path);
  return withPlace(task, path, "change", "strict", (place) =>
    withLock({ task, place, patience: wait }, () => use(task, place)),
  );
}

/** Removes what cut-off changes left, apart from an old key that is not the one in place. */
export function sweepBefore(task: Task, place: Place, original: Original | null): void {
  sweep(task, place, (name) => original?.isAt(name) === true);
}
