import type { FileCalls } from "../file_calls.ts";
import { nodeCalls } from "../mod.ts";

/** One call as it was made: its name and what it answered or threw. */
export type Interfere = (name: keyof FileCalls, number: number, call: () => unknown) => unknown;

/** The real calls, each of which `interfere` makes, fails, repeats or leaves out. Numbered from 0. */
export function interferedCalls(interfere: Interfere, real: FileCalls = nodeCalls()): FileCalls {
  let number = 0;
  const wrap =
    <P extends unknown[], R>(name: keyof FileCalls, call: (...parameters: P) => R) =>
    (...parameters: P): R =>
      interfere(name, number++, () => call(...parameters)) as R;
  return {
    access: real.access,
    user: real.user,
    openDirectory: wrap("openDirectory", real.openDirectory),
    openFile: wrap("openFile", real.openFile),
    createFile: wrap("createFile", real.createFile),
    stat: wrap("stat", real.stat),
    chmod: wrap("chmod", real.chmod),
    read: wrap("read", real.read),
    write: wrap("write", real.write),
    sync: wrap("sync", real.sync),
    close: wrap("close", real.close),
    link: wrap("link", real.link),
    rename: wrap("rename", real.rename),
    unlink: wrap("unlink", real.unlink),
    list: wrap("list", real.list),
  };
}

/** The error of a system call that failed. */
export function errno(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}
