import { giveSecondName } from "./give_name.ts";
import { previousName, replacedName, temporaryName } from "./leftovers.ts";
import type { Place } from "./place.ts";
import { type Content, publish, withTemporary } from "./publish.ts";
import type { Reasons } from "./reasons.ts";
import type { Task } from "./task.ts";

/** What becomes of the old file. */
export type Replacement =
  /** It holds the same key in another form, and goes. */
  | "form"
  /** It holds the old key, and goes when the new one is durable. */
  | "key"
  /** It holds the old key, and stays as NAME.previous. */
  | "keep";

/** A file as it was read, and whether a name still has that content. */
export interface Original {
  readonly content: Content;
  isAt(name: string): boolean;
}

/**
 * Puts new content in the place of a key file, in one step, under the lock of its directory, keeping the
 * old file until the new one is durable.
 *
 *     temporary as above -> second name for the old file -> compare -> rename temporary to NAME
 *     -> sync directory -> unlink the second name (-> sync directory, for another form)
 *
 * - REPLACE-1: just before the rename the file in place has the content that was read. Inode numbers are not
 *   compared: they come back
 * - REPLACE-2: killed at any point, NAME is the old file or the new one, whole
 * - REPLACE-3: killed before its last step, the old key is at NAME, NAME.previous or NAME.replaced-…, and
 *   nothing removes it by itself. Nothing that is left keeps the next change off. With "key" the last
 *   step removes the old key: a process that is killed between that and its return has told nobody
 * - REPLACE-4: where the file system has no hard links, the second name is that of a copy
 *
 * @throws {LetheError} `ERR_LETHE_KEY_CHANGED`; `ERR_LETHE_KEY_EXISTS` when there is a NAME.previous
 */
export function replace(
  task: Task,
  place: Place,
  original: Original,
  content: Content,
  replacement: Replacement,
): void {
  const { directory, name } = place;
  withTemporary(task, place, content, (temporary) => {
    const { second, made } = nameSecond(task, place, original, replacement);
    try {
      if (!original.isAt(name)) {
        task.refuse("ERR_LETHE_KEY_CHANGED", "another program changed it; read it again");
      }
      task.do((calls) => calls.rename(directory, temporary, name));
    } catch (error) {
      if (made) task.try((calls) => calls.unlink(directory, second));
      throw error;
    }
    try {
      task.do((calls) => calls.sync(directory.descriptor));
      if (replacement === "keep") return;
      task.do((calls) => calls.unlink(directory, second));
    } catch (error) {
      task.try((calls) => calls.rename(directory, second, name));
      throw error;
    }
    // A power cut may bring the second name back. After a rotation it names an old key, and from the
    // unlink on nobody but the caller has that: it returns at once. After sealing it names the plain key.
    if (replacement === "form") task.try((calls) => calls.sync(directory.descriptor));
  });
}

/**
 * Refuses a rotation while there is an old key that somebody still needs.
 *
 * @throws {LetheError} `ERR_LETHE_KEY_EXISTS` when NAME.previous is another key than the one in place
 */
export function checkPrevious(task: Task, { directory, name }: Place, original: Original): void {
  const previous = previousName(name);
  if (task.try((calls) => calls.statName(directory, previous)) === undefined) return;
  if (!original.isAt(previous)) task.refuse(...PREVIOUS_THERE);
}

/** Gives the old file its second name, or makes a copy of that name. */
function nameSecond(
  task: Task,
  { directory, name }: Place,
  original: Original,
  replacement: Replacement,
): { readonly second: string; readonly made: boolean } {
  const second = {
    form: () => temporaryName("old"),
    key: () => replacedName(name),
    keep: () => previousName(name),
  }[replacement]();
  // One that a rotation left which was cut off before it changed anything.
  if (replacement === "keep" && original.isAt(second)) return { second, made: false };
  if (!giveSecondName(task, directory, name, second, EXISTS)) {
    publish(task, { directory, name: second }, original.content, EXISTS);
  }
  return { second, made: true };
}

const PREVIOUS_THERE = [
  "ERR_LETHE_KEY_EXISTS",
  "there is a file of its name and .previous, an old key that a rotation with keepPrevious kept; encrypt again the data that is still encrypted under it, and then remove it",
] as const;
const EXISTS: Reasons = { EEXIST: PREVIOUS_THERE };
