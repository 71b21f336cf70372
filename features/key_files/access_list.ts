/**
 * Whether a POSIX access list, as the kernel gives it, lets its owner and `user` read, and nobody else:
 * no other user, no group, no others. Null, no list at all, does not.
 *
 * The layout is that of `struct posix_acl_xattr_header` and its entries, little-endian: a version, then
 * tag and permissions of 2 bytes each and an id of 4.
 */
export function namesOnly(list: Uint8Array<ArrayBuffer> | null, user: number): boolean {
  if (list === null || list.length < HEADER_BYTES) return false;
  const view = new DataView(list.buffer, list.byteOffset, list.length);
  if (view.getUint32(0, true) !== VERSION) return false;
  let named = false;
  for (let at = HEADER_BYTES; at + ENTRY_BYTES <= list.length; at += ENTRY_BYTES) {
    const tag = view.getUint16(at, true);
    const permissions = view.getUint16(at + 2, true);
    if (tag === USER_OBJ || tag === MASK || permissions === 0) continue;
    if (tag !== USER || permissions !== READ || view.getUint32(at + 4, true) !== user) return false;
    named = true;
  }
  return named;
}

const VERSION = 2;
const HEADER_BYTES = 4;
const ENTRY_BYTES = 8;
const [USER_OBJ, USER, MASK] = [1, 2, 0x10];
const READ = 4;
