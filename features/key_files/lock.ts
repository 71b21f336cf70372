import { monotonicNow } from "../../core/globals.ts";
import type { FileCalls } from "./file_calls.ts";
import { LOCK, temporaryName } from "./leftovers.ts";
import { lockByName } from "./name_lock.ts";
import type { Place } from "./place.ts";
import { type Reasons, TEMPORARY_REASONS } from "./reasons.ts";
import { codeOf, type Task } from "./task.ts";

/** Whoever has the lock, and how long it is waited for. */
export interface LockContext {
  readonly task: Task;
  readonly place: Place;
  /** Milliseconds. */
  readonly patience: number;
}

/**
 * Runs `use` while no other process, thread or copy of Lethe changes a key file of the same directory.
 *
 * - LOCK-1: the lock is flock(2) on a file of mode 0600 in the directory of the keys, which nobody else may
 *   write to: another user can neither open it nor put one there
 * - LOCK-2: it belongs to an open file, and ends when that is closed: by the end of `use`, or the death of
 *   the process. A killed holder leaves an unlocked file, which the next one takes
 * - LOCK-3: the file goes away with its holder. A caller that locked a file without a name
 *   has nothing, and begins again; as long as it is open, no other file can have its inode number
 * - LOCK-4: where there is no flock(2), the lock is a directory of the same name: see {@link lockByName}.
 *   Lethe tries that on a separate file before anything has that name: each kind keeps the other
 *   out, because a name is a file or a directory, and nobody takes away what another one made
 *
 * On NFS the lock holds between hosts as far as flock(2) does: not on mounts with `nolock` or
 * `local_lock=flock`, and not when the server forgets its locks in a restart. Then a comparison of
 * content is left, just before a file is replaced.
 *
 * @throws {LetheError} `ERR_LETHE_KEY_BUSY` when another one has it all the time
 */
export function withLock<T>(context: LockContext, use: () => T): T {
  const release = acquire(context);
  try {
    return use();
  } finally {
    release();
  }
}

function acquire({ task, place, patience }: LockContext): () => void {
  const { directory } = place;
  if (!hasLocks(task, place)) return lockByName(task, place, patience);
  const end = monotonicNow() + patience;
  for (;;) {
    const left = Math.max(0, end - monotonicNow());
    const descriptor = openLock(task, place);
    if (descriptor === null) return lockByName(task, place, left);
    let held = false;
    try {
      held = task.do((calls) => calls.lock(descriptor, left), LOCK_REASONS);
      if (held && isCurrent(task, place, descriptor)) {
        return () => {
          task.try((calls) => calls.unlink(directory, LOCK));
          task.try((calls) => calls.close(descriptor));
        };
      }
    } catch (error) {
      task.try((calls) => calls.close(descriptor));
      throw error;
    }
    task.try((calls) => calls.close(descriptor));
    if (!held) {
      task.refuse(
        "ERR_LETHE_KEY_BUSY",
        `another process has been changing key files of its directory for ${Math.round(patience)} ms; try again when it is done`,
      );
    }
  }
}

/** Whether this runtime can lock files of this file system: tried once for each, on a file of its own. */
function hasLocks(task: Task, { directory }: Place): boolean {
  const device = task.do((calls) => calls.stat(directory.descriptor)).identity.split(":")[0] ?? "";
  const devices = known.get(task.calls) ?? new Map<string, boolean>();
  known.set(task.calls, devices);
  const before = devices.get(device);
  if (before !== undefined) return before;
  const name = temporaryName("new");
  const descriptor = task.do((calls) => calls.createFile(directory, name), TEMPORARY_REASONS);
  try {
    const locks = task.try((calls) => calls.lock(descriptor, 0)) === true;
    devices.set(device, locks);
    return locks;
  } finally {
    task.try((calls) => calls.unlink(directory, name));
    task.try((calls) => calls.close(descriptor));
  }
}

const known = new WeakMap<FileCalls, Map<string, boolean>>();

/** The file to lock, or null where there is a directory of its name. */
function openLock(task: Task, { directory }: Place): number | null {
  const descriptor = task.do((calls) => {
    try {
      return calls.openLock(directory, LOCK);
    } catch (error) {
      if (codeOf(error) === "EISDIR") return null;
      throw error;
    }
  }, LOCK_REASONS);
  if (descriptor === null) return null;
  try {
    const { kind, mode, owner } = task.do((calls) => calls.stat(descriptor));
    const { access } = task.calls;
    if (kind !== "file" || (access === "checked" && owner !== task.calls.user())) {
      task.refuse(
        "ERR_LETHE_KEY_DIRECTORY",
        `${LOCK} in its directory is not this user's; remove it`,
      );
    }
    // The umask may have taken from its owner what the next one needs.
    if (access === "checked" && mode !== 0o600) task.do((calls) => calls.chmod(descriptor, 0o600));
    return descriptor;
  } catch (error) {
    task.try((calls) => calls.close(descriptor));
    throw error;
  }
}

/** LOCK-3: whether the name still leads to the open file. */
function isCurrent(task: Task, { directory }: Place, descriptor: number): boolean {
  const own = task.do((calls) => calls.stat(descriptor)).identity;
  let named = "";
  task.failing(
    (calls) => {
      named = calls.statName(directory, LOCK).identity;
    },
    ["ENOENT"],
  );
  return named === own;
}

const LOCK_REASONS: Reasons = {
  EAGAIN: [
    "ERR_LETHE_KEY_IO",
    "flock(1), which locks its directory, cannot be started; allow more processes (ulimit -u)",
  ],
  ELOOP: [
    "ERR_LETHE_KEY_DIRECTORY",
    `${LOCK} in its directory is a symbolic link, which Lethe does not make; remove it`,
  ],
};
