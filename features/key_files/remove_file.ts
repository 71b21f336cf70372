import { nameOfPrevious } from "./leftovers.ts";
import type { Place } from "./place.ts";
import type { Task } from "./task.ts";

/**
 * Removes a key file of any mode: also one that others may have read has to go. A file with another
 * name is refused, except that NAME.previous may go while NAME is the same file.
 *
 * @throws {LetheError} `ERR_LETHE_KEY_IRREGULAR`, `ERR_LETHE_KEY_LINKED`
 */
export function removeFile(task: Task, { directory, name }: Place): void {
  const { kind, links, identity } = task.do((calls) => calls.statName(directory, name));
  if (kind === "link") {
    task.refuse("ERR_LETHE_KEY_IRREGULAR", "it is a symbolic link; remove it by other means");
  }
  if (kind !== "file") {
    task.refuse("ERR_LETHE_KEY_IRREGULAR", "it is not a regular file; remove it by other means");
  }
  if (links > 1 && !isOldNameOf(task, { directory, name }, identity)) {
    task.refuse(
      "ERR_LETHE_KEY_LINKED",
      `the file has ${links} names, and would keep the key under the others; find them with find -samefile, also PATH.previous and PATH.replaced-… of a rotation that was cut off`,
    );
  }
  task.do((calls) => calls.unlink(directory, name));
  const unsynced = task.failing((calls) => calls.sync(directory.descriptor), DISK_FAILURES);
  if (unsynced === null) return;
  task.refuse(
    "ERR_LETHE_KEY_IO",
    `it is no longer in its directory, but the disk did not confirm that (${unsynced}), so it may be there again after a power cut; check the disk, and look for it then`,
  );
}

/** Of fsync(2). */
const DISK_FAILURES = ["EIO", "ENOSPC", "EDQUOT"];

/** Whether it is the NAME.previous that a replacement made and was cut off before it changed NAME. */
function isOldNameOf(task: Task, { directory, name }: Place, identity: string): boolean {
  const current = nameOfPrevious(name);
  if (current === null) return false;
  return task.try((calls) => calls.statName(directory, current))?.identity === identity;
}
