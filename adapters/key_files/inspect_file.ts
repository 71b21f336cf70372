import type { MemorySecrets } from "../../core/memory_secrets.ts";
import type { KeyFileReport } from "./key_files.ts";
import { leftovers } from "./leftovers.ts";
import { checkFile, octal, type Place } from "./place.ts";
import { isStill, nameOfPrevious } from "./publish.ts";
import { HEADER_BYTES, OVERHEAD_BYTES, parseHeader, type SealedHeader } from "./sealed_format.ts";
import type { Task } from "./task.ts";
import { readFull } from "./transfer.ts";

/**
 * Describes a key file after the checks of a read. A file that begins as a sealed one is taken for one;
 * that it is whole, only opening it tells.
 *
 * @throws {LetheError} `ERR_LETHE_KEY_FORMAT` for a sealed file that is not understood,
 * `ERR_LETHE_KEY_DAMAGED` for one of another length than it says
 */
export function inspectFile(task: Task, place: Place, secrets: MemorySecrets): KeyFileReport {
  return task.using(
    (calls) => calls.openFile(place.directory, place.name),
    (descriptor) => {
      const { size, mode, links } = checkFile(task, descriptor);
      const facts = {
        mode: octal(mode),
        names: links,
        access: task.calls.access,
        leftovers: leftovers(task, place),
      };
      const header = size > OVERHEAD_BYTES ? readHeader(task, descriptor, secrets) : null;
      if (header === null) return { form: "plain", keyBytes: size, ...facts };
      if (header.keyBytes + OVERHEAD_BYTES !== size) {
        task.refuse("ERR_LETHE_KEY_DAMAGED", "it is damaged; restore it from a copy");
      }
      return { form: "sealed", ...header, ...facts };
    },
  );
}

/** The header, or null of a plain file, of whose key these are then the first bytes. */
function readHeader(task: Task, descriptor: number, secrets: MemorySecrets): SealedHeader | null {
  const start = secrets.allocate(HEADER_BYTES);
  try {
    return start.modify((bytes) => {
      readFull(task, descriptor, bytes);
      const header = parseHeader(bytes);
      if (!("refusal" in header)) return header;
      if (!header.foreign)
        task.refuse("ERR_LETHE_KEY_FORMAT", `${header.refusal}; use a newer Lethe`);
      return null;
    });
  } finally {
    start.destroy();
  }
}

/**
 * Removes a key file of any mode: also one that others may have read has to go. A file with another
 * name is refused, except that NAME.previous may go while NAME is the same file.
 *
 * @throws {LetheError} `ERR_LETHE_KEY_IRREGULAR`, `ERR_LETHE_KEY_LINKED`
 */
export function removeFile(task: Task, { directory, name }: Place): void {
  task.using(
    (calls) => calls.openFile(directory, name),
    (descriptor) => {
      const { kind, links, identity } = task.do((calls) => calls.stat(descriptor));
      if (kind !== "file") {
        task.refuse("ERR_LETHE_KEY_IRREGULAR", "it is no regular file; remove it by other means");
      }
      if (links > 1 && !isLockOf(task, { directory, name }, identity)) {
        task.refuse(
          "ERR_LETHE_KEY_LINKED",
          `the file has ${links} names, and would keep the key under the others; find them with find -samefile, also PATH.previous of a rotation that was cut off`,
        );
      }
    },
  );
  task.do((calls) => calls.unlink(directory, name));
  task.do((calls) => calls.sync(directory.descriptor));
}

/** Whether it is the NAME.previous that a replacement made and was cut off before it changed NAME. */
function isLockOf(task: Task, { directory, name }: Place, identity: string): boolean {
  const current = nameOfPrevious(name);
  return current !== null && isStill(task, { directory, name: current }, identity);
}
