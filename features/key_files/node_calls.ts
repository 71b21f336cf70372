import * as fs from "node:fs";
import { errorCode, optional } from "../../core/arguments/own.ts";
import { process } from "../../system/node_builtins.ts";
import { readText } from "../../system/read_text.ts";
import { refuseRedirection } from "../../system/redirection.ts";
import type { Directory, FileCalls, FileFacts } from "./file_calls.ts";
import { lockByHelper } from "./lock_helper.ts";
import type { NativeCalls } from "./native_calls.ts";

const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL } = fs.constants;
// Windows has none of these; node:fs does not name the last two.
const O_NOFOLLOW = fs.constants.O_NOFOLLOW ?? 0;
const O_NONBLOCK = fs.constants.O_NONBLOCK ?? 0;
const O_NOCTTY = fs.constants.O_NOCTTY ?? 0;
const O_DIRECTORY = fs.constants.O_DIRECTORY ?? 0;
const LINUX = process.platform === "linux";
const O_CLOEXEC: number = LINUX ? 0o2000000 : 0; // elsewhere libuv sets it
const O_PATH: number = LINUX ? 0o10000000 : 0;

/**
 * The calls through node:fs, for Node.js and Bun.
 *
 * @param openNative opens what node:fs has not, where the runtime has FFI; when it is first needed
 */
export function nodeCalls(openNative?: () => NativeCalls): FileCalls {
  // The link of a descriptor leads to the directory itself, wherever its path leads by then. Node's
  // permission model goes by paths, and would not know this one.
  const limited =
    optional(process as { readonly permission?: unknown }, "permission") !== undefined;
  const anchored = LINUX && !limited && fs.existsSync("/proc/self/fd");
  const at = ({ descriptor, path }: Directory, name: string): string =>
    anchored ? `/proc/self/fd/${descriptor}/${name}` : `${path}/${name}`;
  let opened: NativeCalls | undefined;
  const native = (): NativeCalls | undefined => {
    if (LINUX) opened ??= openNative?.();
    return opened;
  };
  return {
    access: process.platform === "win32" ? "not checked" : "checked",
    user: () => process.geteuid?.() ?? -1,
    groups: () => [process.getegid?.() ?? -1, ...(process.getgroups?.() ?? [])],
    openDirectory(path, purpose) {
      refuseRedirection(); // every operation begins here, and none yields
      const flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (purpose === "lookup" ? O_PATH : 0);
      return { descriptor: fs.openSync(path, flags), path };
    },
    openFolder(directory, name) {
      const flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_PATH | O_NOFOLLOW;
      const descriptor = fs.openSync(at(directory, name), flags);
      return { descriptor, path: `${directory.path}/${name}` };
    },
    openFile: (directory, name) =>
      fs.openSync(at(directory, name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC),
    createFile: (directory, name) =>
      fs.openSync(at(directory, name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o400),
    openLock: (directory, name) =>
      fs.openSync(
        at(directory, name),
        O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
        0o600,
      ),
    lock: (descriptor, patience) =>
      native()?.lock(descriptor, patience) ?? lockByHelper(descriptor, patience),
    stat: (descriptor) => factsOf(fs.fstatSync(descriptor)),
    statName: (directory, name) => factsOf(fs.lstatSync(at(directory, name))),
    chmod: (descriptor, mode) => fs.fchmodSync(descriptor, mode),
    read: (descriptor, bytes, from) => fs.readSync(descriptor, bytes, 0, bytes.byteLength, from),
    write: (descriptor, bytes) => fs.writeSync(descriptor, bytes, 0, bytes.byteLength, null),
    sync: (descriptor) => syncWhereItIs(descriptor),
    close: (descriptor) => fs.closeSync(descriptor),
    link: (directory, from, to) => fs.linkSync(at(directory, from), at(directory, to)),
    rename: (directory, from, to) => fs.renameSync(at(directory, from), at(directory, to)),
    get renameNew() {
      return native()?.renameNew;
    },
    unlink: (directory, name) => fs.unlinkSync(at(directory, name)),
    list: (directory, folder = "") =>
      fs.readdirSync(anchored ? at(directory, folder) : `${directory.path}/${folder}`),
    makeDirectory(directory, name) {
      fs.mkdirSync(at(directory, name), 0o700);
      fs.chmodSync(at(directory, name), 0o700); // whatever the umask
    },
    removeDirectory: (directory, name) => fs.rmdirSync(at(directory, name)),
    readLink: (directory, name) => fs.readlinkSync(at(directory, name)),
    readSystemText: readText,
    readSystemLink: (path) => fs.readlinkSync(path),
    inherited: (descriptor) => descriptor,
    get accessList() {
      return native()?.accessList;
    },
  };
}

/** Windows syncs no directories: it answers EPERM. Not verified here. */
function syncWhereItIs(descriptor: number): void {
  try {
    fs.fsyncSync(descriptor);
  } catch (error) {
    if (process.platform !== "win32" || errorCode(error) !== "EPERM") throw error;
  }
}

function factsOf(stats: fs.Stats): FileFacts {
  return {
    kind: kindOf(stats),
    mode: stats.mode & 0o7777,
    owner: stats.uid,
    group: stats.gid,
    links: stats.nlink,
    size: stats.size,
    identity: `${stats.dev}:${stats.ino}`,
    modified: stats.mtimeMs,
  };
}

function kindOf(stats: fs.Stats): FileFacts["kind"] {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  return stats.isSymbolicLink() ? "link" : "other";
}
