import * as fs from "node:fs";
import process from "node:process";
import type { Directory, FileCalls, FileFacts } from "./file_calls.ts";

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL } = fs.constants;
// Windows has none of these; node:fs does not name the last two.
const O_NOFOLLOW = fs.constants.O_NOFOLLOW ?? 0;
const O_NONBLOCK = fs.constants.O_NONBLOCK ?? 0;
const O_NOCTTY = fs.constants.O_NOCTTY ?? 0;
const O_DIRECTORY = fs.constants.O_DIRECTORY ?? 0;
const LINUX = process.platform === "linux";
const O_CLOEXEC: number = LINUX ? 0o2000000 : 0; // elsewhere libuv sets it
const O_PATH: number = LINUX ? 0o10000000 : 0;

/** The calls through node:fs, for Node.js and Bun. */
export function nodeCalls(): FileCalls {
  // The link of a descriptor leads to the directory itself, wherever its path leads by then. Node's
  // permission model goes by paths, and would not know this one.
  const limited = (process as { readonly permission?: unknown }).permission !== undefined;
  const anchored = LINUX && !limited && fs.existsSync("/proc/self/fd");
  const at = ({ descriptor, path }: Directory, name: string): string =>
    anchored ? `/proc/self/fd/${descriptor}/${name}` : `${path}/${name}`;
  return {
    access: process.platform === "win32" ? "not checked" : "checked",
    user: () => process.geteuid?.() ?? -1,
    openDirectory(path, purpose) {
      const flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (purpose === "lookup" ? O_PATH : 0);
      return { descriptor: fs.openSync(path, flags), path };
    },
    openFile: (directory, name) =>
      fs.openSync(at(directory, name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC),
    createFile: (directory, name) =>
      fs.openSync(at(directory, name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o400),
    stat: (descriptor) => factsOf(fs.fstatSync(descriptor)),
    chmod: (descriptor, mode) => fs.fchmodSync(descriptor, mode),
    read: (descriptor, bytes) => fs.readSync(descriptor, bytes, 0, bytes.byteLength, null),
    write: (descriptor, bytes) => fs.writeSync(descriptor, bytes, 0, bytes.byteLength, null),
    sync: (descriptor) => syncWhereItIs(descriptor),
    close: (descriptor) => fs.closeSync(descriptor),
    link: (directory, from, to) => fs.linkSync(at(directory, from), at(directory, to)),
    rename: (directory, from, to) => fs.renameSync(at(directory, from), at(directory, to)),
    unlink: (directory, name) => fs.unlinkSync(at(directory, name)),
    list: (directory) => fs.readdirSync(anchored ? at(directory, "") : directory.path),
  };
}

/** Windows syncs no directories: it answers EPERM. Not verified here. */
function syncWhereItIs(descriptor: number): void {
  try {
    fs.fsyncSync(descriptor);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (process.platform !== "win32" || code !== "EPERM") throw error;
  }
}

function factsOf(stats: fs.Stats): FileFacts {
  return {
    kind: stats.isFile() ? "file" : stats.isDirectory() ? "directory" : "other",
    mode: stats.mode & 0o7777,
    owner: stats.uid,
    links: stats.nlink,
    size: stats.size,
    identity: `${stats.dev}:${stats.ino}`,
    modified: stats.mtimeMs,
  };
}
