import type { FileCalls } from "./file_calls.ts";
import { giveName } from "./give_name.ts";
import { temporaryName } from "./leftovers.ts";
import { octal } from "./octal.ts";
import { MODE, type Place } from "./place.ts";
import { type Reasons, TEMPORARY_REASONS } from "./reasons.ts";
import type { Task } from "./task.ts";
import { writeFull } from "./transfer.ts";

/** Lends the content of a key file, for the time of one call. */
export type Content = (use: (bytes: Uint8Array<ArrayBuffer>) => void) => void;

/**
 * Puts a new key file in place: all of it or nothing, never over another file.
 *
 *     create temporary, 0400 -> write -> sync -> give it its name -> sync directory
 *
 * Killed before it has its name, it leaves a temporary, which holds a key that nobody has used, and
 * which the next change in the directory takes away. Killed after it, the key file is whole.
 *
 * @throws {LetheError} `ERR_LETHE_KEY_EXISTS`, and what the file system answered
 */
export function publish(
  task: Task,
  { directory, name }: Place,
  content: Content,
  special: Reasons = {},
): void {
  withTemporary(task, { directory, name }, content, (temporary, identity) => {
    try {
      giveName(task, directory, temporary, name, special);
      task.do((calls) => calls.sync(directory.descriptor));
    } catch (error) {
      // It may not last, and its caller gets no key: nothing stays.
      if (identityOf(task, { directory, name }) === identity) {
        task.try((calls) => calls.unlink(directory, name));
      }
      throw error;
    }
  });
}

/** What a name leads to, as {@link FileFacts.identity}, or undefined. */
function identityOf(task: Task, { directory, name }: Place): string | undefined {
  return task.try((calls) => calls.statName(directory, name))?.identity;
}

/**
 * Runs `use` with a durable temporary file of mode 0400, which is open all the time, so that no other
 * file gets its inode number; takes it away when anything fails.
 */
export function withTemporary(
  task: Task,
  { directory }: Place,
  content: Content,
  use: (temporary: string, identity: string) => void,
): void {
  const temporary = temporaryName("new");
  const create = (calls: FileCalls): number => calls.createFile(directory, temporary);
  const descriptor = task.do(create, TEMPORARY_REASONS);
  try {
    const { identity } = task.do((calls) => calls.stat(descriptor));
    ensureMode(task, descriptor);
    content((bytes) => writeFull(task, descriptor, bytes));
    task.do((calls) => calls.sync(descriptor));
    use(temporary, identity);
  } catch (error) {
    task.try((calls) => calls.unlink(directory, temporary));
    throw error;
  } finally {
    task.try((calls) => calls.close(descriptor));
  }
}

/** Gives back what the umask took away. */
function ensureMode(task: Task, descriptor: number): void {
  if (task.calls.access !== "checked") return;
  const modeNow = (): number => task.do((calls) => calls.stat(descriptor)).mode;
  if (modeNow() === MODE) return;
  task.do((calls) => calls.chmod(descriptor, MODE));
  const mode = modeNow();
  if (mode === MODE) return;
  task.refuse(
    "ERR_LETHE_KEY_MODE",
    `its file system keeps no modes (0400 became ${octal(mode)}); use another place, or have it mounted with the options uid, fmask=0377 and dmask=0077`,
  );
}
