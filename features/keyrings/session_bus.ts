import type { Ffi } from "../../system/ffi.ts";
import { openLibrary } from "../../system/libc.ts";
import {
  AT_FDCWD,
  S_IFMT,
  STATX,
  STATX_BASIC_STATS,
  STATX_BYTES,
  STATX_CALL,
} from "../../system/statx.ts";
import { terminated } from "../../system/terminated.ts";
import type { Glib } from "./glib.ts";

const LIBC = { ...STATX_CALL, geteuid: { parameters: [], result: "i32" } } as const;
const S_IFSOCK = 0o140000;

/**
 * Whether the session bus has an address. Without one GLib starts `dbus-launch`, which it looks for on PATH
 * (gio/gdbusaddress.c): a dependency may have put a program of that name there.
 */
export function isSessionBusNamed(ffi: Ffi, glib: Glib): boolean {
  const address = glib.variable("DBUS_SESSION_BUS_ADDRESS");
  if (address !== null) return !address.includes("autolaunch:");
  return isOwnSocket(ffi, `${glib.runtimeFolder()}/bus`);
}

/** GLib takes a socket of this user alone. Where libc has no statx(2), none is seen. */
function isOwnSocket(ffi: Ffi, path: string): boolean {
  try {
    const libc = openLibrary(ffi, LIBC);
    const facts = new DataView(new ArrayBuffer(STATX_BYTES));
    const bytes = new Uint8Array(facts.buffer);
    if (libc.statx(AT_FDCWD, terminated(path), 0, STATX_BASIC_STATS, bytes) !== 0) return false;
    const kind = facts.getUint16(STATX.stx_mode, true) & S_IFMT;
    return kind === S_IFSOCK && facts.getUint32(STATX.stx_uid, true) === libc.geteuid() >>> 0;
  } catch {
    return false;
  }
}
