import { errorCode } from "../core/arguments/own.ts";
import { isWithoutDescriptors } from "./no_descriptors.ts";
import { fs } from "./node_builtins.ts";
import { isPermitted } from "./permitted.ts";

const { closeSync, openSync } = fs;

/** A file whose opening does nothing. */
const FILE = "/dev/null";

/**
 * Sees whether this process has `count` descriptors left. Node.js and Deno leave sockets open where the descriptors run out
 * while they start a program (`spawn` of `node:child_process`), so what starts one asks here first. Where that file
 * cannot be opened for another reason, nothing is known, and null is given.
 *
 * @returns null, or the system's code: `EMFILE` for this process, `ENFILE` for the whole system
 */
export function descriptorShortage(count: number): "EMFILE" | "ENFILE" | null {
  if (!isPermitted({ name: "read", path: FILE })) return null;
  const opened: number[] = [];
  try {
    while (opened.length < count) opened.push(openSync(FILE, "r"));
    return null;
  } catch (error) {
    const code = errorCode(error);
    return isWithoutDescriptors(code) ? code : null;
  } finally {
    for (const descriptor of opened) closeSync(descriptor);
  }
}
