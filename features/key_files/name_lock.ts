import { hasEnded, holderName } from "./holder.ts";
import { LOCK, temporaryName } from "./leftovers.ts";
import type { Place } from "./place.ts";
import { pollFor } from "./poll.ts";
import { codeOf, type Task } from "./task.ts";

/**
 * The lock where there is no flock(2): a directory that holds one name, that of its holder.
 *
 * - LOCKDIR-1: a directory with a name in it is renamed to {@link LOCK}. rename(2) takes the place of an empty
 *   directory, and of no other: one of two has it
 * - LOCKDIR-2: of a holder that has ended it is taken over by renaming the name in it, which is a different
 *   one each time. One of two can do that, and neither can take it from the other
 * - LOCKDIR-3: a holder counts as ended only if that is certain: the same boot of the same kernel, the same
 *   process namespace, and no process of that number that began at that time. So a holder on another
 *   host, in another container or in a thread that was ended is waited for, and then named in the error
 */
export function lockByName(task: Task, place: Place, patience: number): () => void {
  const { directory } = place;
  const own = holderName(task.calls);
  const taken = pollFor(patience, () => begin(task, place, own) || takeOver(task, place, own));
  if (!taken) {
    task.refuse(
      "ERR_LETHE_KEY_BUSY",
      `another process has been changing key files of its directory for ${Math.round(patience)} ms (${holderOf(task, place) ?? "its name is not known"}); try again when it is done, or, if there is no such process any more, remove ${LOCK} in that directory`,
    );
  }
  return () => {
    task.try((calls) => calls.unlink(directory, `${LOCK}/${own}`));
    // Another one may have taken the place of the empty directory by now.
    task.try((calls) => calls.removeDirectory(directory, LOCK));
  };
}

/** LOCKDIR-1. */
function begin(task: Task, { directory }: Place, own: string): boolean {
  const folder = temporaryName("lock");
  task.do((calls) => calls.makeDirectory(directory, folder));
  try {
    task.do((calls) => calls.close(calls.createFile(directory, `${folder}/${own}`)));
    return task.do((calls) => {
      try {
        calls.rename(directory, folder, LOCK);
        return true;
      } catch (error) {
        if (HELD.includes(codeOf(error))) return false;
        throw error;
      }
    });
  } finally {
    // Gone already when it was renamed.
    task.try((calls) => calls.unlink(directory, `${folder}/${own}`));
    task.try((calls) => calls.removeDirectory(directory, folder));
  }
}

/** LOCKDIR-2. */
function takeOver(task: Task, place: Place, own: string): boolean {
  const holder = holderOf(task, place);
  if (holder === undefined || !hasEnded(task.calls, holder)) return false;
  const renamed = task.try((calls) => {
    calls.rename(place.directory, `${LOCK}/${holder}`, `${LOCK}/${own}`);
    return true;
  });
  return renamed === true;
}

function holderOf(task: Task, { directory }: Place): string | undefined {
  return task.try((calls) => calls.list(directory, LOCK))?.[0];
}

/** A directory that is not empty, or the file of a holder that has flock(2). */
const HELD: readonly string[] = ["ENOTEMPTY", "EEXIST", "ENOTDIR", "EPERM", "EACCES"];
