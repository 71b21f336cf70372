import { temporaryName } from "./leftovers.ts";
import { MODE, octal, type Place } from "./place.ts";
import type { Reasons, Task } from "./task.ts";
import { writeFull } from "./transfer.ts";

/** Lends the content of a key file to be, for the time of one call. */
export type Content = (write: (bytes: Uint8Array<ArrayBuffer>) => void) => void;

/**
 * Puts a new key file in place: all of it or nothing, never over another file.
 *
 *     create temporary, 0400 -> write -> sync -> link to its name -> unlink temporary -> sync directory
 *
 * Killed before the link, it leaves a temporary, which holds a key that nobody has used, and which
 * {@link sweep} takes away. Killed after it, the key file is whole.
 *
 * @throws {LetheError} `ERR_LETHE_KEY_EXISTS`, and what the file system answered
 */
export function publish(task: Task, { directory, name }: Place, content: Content): void {
  withTemporary(task, { directory, name }, content, (temporary, identity) => {
    task.do((calls) => calls.link(directory, temporary, name));
    try {
      task.do((calls) => calls.unlink(directory, temporary));
      task.do((calls) => calls.sync(directory.descriptor));
    } catch (error) {
      // It may not last, and its caller gets no key: nothing stays.
      if (isStill(task, { directory, name }, identity)) {
        task.try((calls) => calls.unlink(directory, name));
      }
      throw error;
    }
  });
}

/**
 * Puts new content in the place of a key file, in one step, keeping the old file until the new one is
 * durable.
 *
 *     temporary as above -> link old to NAME.previous -> rename temporary to NAME -> sync directory
 *     -> unlink NAME.previous -> sync directory
 *
 * `NAME.previous` is also the lock: while it is there no other replacement begins. Killed at any
 * point, NAME is the old file or the new one, whole, and the old one is at NAME or NAME.previous.
 *
 * @param identity the file that was read, which must still be the one in place
 * @throws {LetheError} `ERR_LETHE_KEY_CHANGED`; `ERR_LETHE_KEY_EXISTS` when there is a NAME.previous
 */
export function replace(
  task: Task,
  place: Place,
  identity: string,
  content: Content,
  keepPrevious: boolean = false,
): void {
  const { directory, name } = place;
  const previous = previousName(name);
  withTemporary(task, place, content, (temporary) => {
    lock(task, place, identity);
    try {
      task.do((calls) => calls.rename(directory, temporary, name));
    } catch (error) {
      task.try((calls) => calls.unlink(directory, previous));
      throw error;
    }
    try {
      task.do((calls) => calls.sync(directory.descriptor));
      if (keepPrevious) return;
      task.do((calls) => calls.unlink(directory, previous));
    } catch (error) {
      task.try((calls) => calls.rename(directory, previous, name));
      throw error;
    }
    // Where this fails, a power cut may bring NAME.previous back: the next replacement then says so.
    task.try((calls) => calls.sync(directory.descriptor));
  });
}

/** The second name that an old key file has while it is being replaced. */
export function previousName(name: string): string {
  return `${name}${PREVIOUS}`;
}

/** The name to which a `NAME.previous` belongs, or null. */
export function nameOfPrevious(name: string): string | null {
  return name.endsWith(PREVIOUS) && name !== PREVIOUS ? name.slice(0, -PREVIOUS.length) : null;
}

const PREVIOUS = ".previous";

/** Gives the old file its second name, and makes sure that it is the file that was read. */
function lock(task: Task, { directory, name }: Place, identity: string): void {
  const previous = previousName(name);
  task.do((calls) => calls.link(directory, name, previous), LOCKED);
  if (isStill(task, { directory, name: previous }, identity)) return;
  task.try((calls) => calls.unlink(directory, previous));
  task.refuse("ERR_LETHE_KEY_CHANGED", "another file took its place meanwhile; read it again");
}

const LOCKED: Reasons = {
  EEXIST: [
    "ERR_LETHE_KEY_EXISTS",
    "there is a file of its name and .previous: it is being replaced, or that was cut off; if so, see which of the two is needed, and remove the other",
  ],
};

/** Whether a name still leads to the file that had this identity. */
export function isStill(task: Task, { directory, name }: Place, identity: string): boolean {
  const found = task.try((calls) => {
    const descriptor = calls.openFile(directory, name);
    try {
      return calls.stat(descriptor).identity;
    } finally {
      calls.close(descriptor);
    }
  });
  return found === identity;
}

/** Runs `use` with a durable temporary file of mode 0400; takes it away when anything fails. */
function withTemporary(
  task: Task,
  { directory }: Place,
  content: Content,
  use: (temporary: string, identity: string) => void,
): void {
  const temporary = temporaryName();
  let there = false;
  let identity = "";
  try {
    task.using(
      (calls) => calls.createFile(directory, temporary),
      (descriptor) => {
        there = true;
        identity = task.do((calls) => calls.stat(descriptor)).identity;
        ensureMode(task, descriptor);
        content((bytes) => writeFull(task, descriptor, bytes));
        task.do((calls) => calls.sync(descriptor));
      },
    );
    use(temporary, identity);
  } catch (error) {
    if (there) task.try((calls) => calls.unlink(directory, temporary));
    throw error;
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
    `its file system keeps no modes (0400 became ${octal(mode)}); use another place`,
  );
}
