import type { Directory } from "./file_calls.ts";
import { type Reasons, TEMPORARY_REASONS } from "./reasons.ts";
import { codeOf, type Task } from "./task.ts";

/** What a file system without hard links answers to link(2), and a security module that forbids them. */
const NO_LINKS: readonly string[] = [
  ..."EPERM EOPNOTSUPP ENOTSUP ENOSYS EMLINK EXDEV EACCES EINVAL".split(" "),
];

/**
 * Renames `from` to `to`, where there is no such file, in one step, and never over another file.
 *
 * - NAMING-1: by link(2) and unlink(2)
 * - NAMING-2: where the file system has no hard links, by renameat2(2) with RENAME_NOREPLACE, if the runtime
 *   can make that call and the file system knows it (exFAT, vfat and SMB do)
 * - NAMING-3: else by an empty file that is made exclusively and then replaced by rename(2). Killed in
 *   between, it leaves the empty file, which no key is; the next creation replaces it
 *
 * @throws {LetheError} `ERR_LETHE_KEY_EXISTS`
 */
export function giveName(
  task: Task,
  directory: Directory,
  from: string,
  to: string,
  special: Reasons = {},
): void {
  const reasons = { ...TEMPORARY_REASONS, ...special };
  const refused = task.failing(
    (calls) => calls.link(directory, from, to),
    [...NO_LINKS, "EEXIST"],
    reasons,
  );
  if (refused === null) {
    task.do((calls) => calls.unlink(directory, from), reasons);
    return;
  }
  if (refused === "EEXIST" && !isCutOff(task, directory, from, to)) exists(task, special);
  const { renameNew } = task.calls;
  if (refused !== "EEXIST" && renameNew !== undefined) {
    const unknown = task.failing(() => renameNew(directory, from, to), NO_LINKS, reasons);
    if (unknown === null) return;
  }
  replaceEmpty(task, directory, from, to, reasons);
}

/** Gives a file a second name. @returns whether the file system can */
export function giveSecondName(
  task: Task,
  directory: Directory,
  name: string,
  second: string,
  special: Reasons,
): boolean {
  const reasons = { ...TEMPORARY_REASONS, ...special };
  const link = (): string | null =>
    task.failing((calls) => calls.link(directory, name, second), NO_LINKS, reasons);
  return link() === null;
}

/** NAMING-3. */
function replaceEmpty(
  task: Task,
  directory: Directory,
  from: string,
  to: string,
  reasons: Reasons,
): void {
  const made = task.failing(
    (calls) => calls.close(calls.createFile(directory, to)),
    ["EEXIST"],
    reasons,
  );
  try {
    if (made === "EEXIST" && !isEmpty(task, directory, to)) exists(task, reasons);
    task.do((calls) => calls.rename(directory, from, to), reasons);
  } catch (error) {
    if (isEmpty(task, directory, to)) task.try((calls) => calls.unlink(directory, to));
    throw error;
  }
}

/** Whether `to` is what NAMING-3 left, on a file system that really has no hard links. */
function isCutOff(task: Task, directory: Directory, from: string, to: string): boolean {
  if (!isEmpty(task, directory, to)) return false;
  const probe = `${from}.probe`;
  try {
    task.calls.link(directory, from, probe);
    task.try((calls) => calls.unlink(directory, probe));
    return false;
  } catch (error) {
    return NO_LINKS.includes(codeOf(error));
  }
}

function isEmpty(task: Task, directory: Directory, name: string): boolean {
  const facts = task.try((calls) => calls.statName(directory, name));
  if (facts?.kind !== "file" || facts.size > 0) return false;
  return task.calls.access !== "checked" || facts.owner === task.calls.user();
}

function exists(task: Task, special: Reasons): never {
  const [code, reason] = special["EEXIST"] ?? [
    "ERR_LETHE_KEY_EXISTS",
    "there is one; remove it, or rotate it",
  ];
  return task.refuse(code, `${reason} (EEXIST)`);
}
