import type { Ffi } from "../../system/ffi.ts";
import { openLibrary } from "../../system/libc.ts";
import { type Glib, terminated } from "./glib.ts";
import { LIBC_OF_FILES } from "./libsecret_functions.ts";

const AT_FDCWD = -100;
const STATX_BASIC_STATS = 0x7ff;
/** Where `struct statx` has the owner and the mode: statx(2). */
const UID_AT = 20;
const MODE_AT = 28;
const STATX_BYTES = 256;
const S_IFMT = 0o170000;
const S_IFSOCK = 0o140000;

/**
 * Whether the session bus has an address. Without one GLib starts `dbus-launch`, which it looks for on PATH
 * (gio/gdbusaddress.c): a dependency may have put a program of that name there.
 */
export function isSessionBusNamed(ffi: Ffi, glib: Glib): boolean {
  const address = glib.variable("DBUS_SESSION_BUS_ADDRESS");
  if (address !== null) return !address.includes("autolaunch:");
  const libc = openLibrary(ffi, LIBC_OF_FILES);
  const facts = new Uint8Array(STATX_BYTES);
  const path = terminated(`${glib.runtimeFolder()}/bus`);
  if (libc.statx(AT_FDCWD, path, 0, STATX_BASIC_STATS, facts) !== 0) return false;
  const view = new DataView(facts.buffer);
  const isSocket = (view.getUint16(MODE_AT, true) & S_IFMT) === S_IFSOCK;
  return isSocket && view.getUint32(UID_AT, true) === libc.geteuid() >>> 0;
}
