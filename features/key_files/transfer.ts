import type { Task } from "./task.ts";

/**
 * Reads until `bytes` is full, straight from the kernel into it.
 *
 * @param from where in the file it begins
 * @returns how many bytes came: fewer only when the file ended
 */
export function readFull(
  task: Task,
  descriptor: number,
  bytes: Uint8Array<ArrayBuffer>,
  from: number = 0,
): number {
  let at = 0;
  while (at < bytes.byteLength) {
    // Not `subarray`, which would ask the view for its constructor.
    const rest = new Uint8Array(bytes.buffer, bytes.byteOffset + at, bytes.byteLength - at);
    const length = task.do((calls) => calls.read(descriptor, rest, from + at));
    if (length === 0) break;
    at += length;
  }
  return at;
}

/** Writes all of `bytes`. @throws {LetheError} also when the system takes none and gives no reason */
export function writeFull(task: Task, descriptor: number, bytes: Uint8Array<ArrayBuffer>): void {
  let at = 0;
  while (at < bytes.byteLength) {
    const rest = new Uint8Array(bytes.buffer, bytes.byteOffset + at, bytes.byteLength - at);
    const length = task.do((calls) => calls.write(descriptor, rest));
    if (length === 0) task.refuse("ERR_LETHE_KEY_IO", "the file takes no more; check the disk");
    at += length;
  }
}
