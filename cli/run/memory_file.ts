import { closeSync, constants, ftruncateSync, openSync, statfsSync, writeSync } from "node:fs";
import { NotPossibleError } from "../command_line/usage_error.ts";

/** Where Linux keeps files in memory. */
const FOLDER = "/dev/shm";
const TMPFS_MAGIC = 0x01021994;
const RAMFS_MAGIC = 0x858458f6;
/** Of statfs(2). */
const IN_MEMORY: readonly number[] = [TMPFS_MAGIC, RAMFS_MAGIC];
/** On every architecture that Node supports; `fs.constants` has its other half alone. */
const TMPFILE_BIT = 0o20000000;
const O_TMPFILE = TMPFILE_BIT | constants.O_DIRECTORY;

/** A file without a name in memory: it is gone when the last descriptor of it is closed. */
export interface MemoryFile {
  readonly reader: number;
  readonly writer: number;
  /** Called once the content is in it, and the writer closed. */
  readonly filled?: () => void;
  /** Called instead where it is given up before. */
  readonly dropped?: () => void;
}

/**
 * Makes an empty one with room for `byteLength` bytes, so that the machine cannot be found short of it
 * later. Nobody but its owner may open it, and nobody for writing.
 *
 * @throws {NotPossibleError} where there is no such folder in memory
 */
export function openMemoryFile(byteLength: number): MemoryFile {
  let writer: number | undefined;
  try {
    if (!IN_MEMORY.includes(statfsSync(FOLDER).type)) {
      throw new NotPossibleError(
        `--as file needs a tmpfs at ${FOLDER}: what is there is on a disk`,
      );
    }
    writer = openSync(FOLDER, O_TMPFILE | constants.O_RDWR, 0o400);
    fillRoom(writer, byteLength);
    return { writer, reader: openSync(`/proc/self/fd/${writer}`, "r") };
  } catch (error) {
    if (writer !== undefined) closeSync(writer);
    if (error instanceof NotPossibleError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new NotPossibleError(`--as file needs a tmpfs at ${FOLDER} and /proc: ${code}`);
  }
}

/** Takes the memory for so many bytes now. */
export function fillRoom(writer: number, byteLength: number): void {
  const room = new Uint8Array(new ArrayBuffer(byteLength));
  for (let at = 0; at < byteLength; ) at += writeSync(writer, room, at, byteLength - at, at);
}

/** Writes the whole content from where it lies, and closes that end. When it throws, the file is given up. */
export function fillMemoryFile(file: MemoryFile, bytes: Uint8Array): void {
  const { writer, reader, filled } = file;
  try {
    for (let at = 0; at < bytes.length; ) {
      at += writeSync(writer, bytes, at, bytes.length - at, at);
    }
    ftruncateSync(writer, bytes.length);
  } catch (error) {
    dropMemoryFile(file);
    throw error;
  }
  closeSync(writer);
  try {
    filled?.();
  } catch (error) {
    closeSync(reader);
    throw error;
  }
}

/** Gives up one that was not filled. */
export function dropMemoryFile({ reader, writer, dropped }: MemoryFile): void {
  closeSync(writer);
  closeSync(reader);
  dropped?.();
}
