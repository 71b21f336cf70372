/**
 * Keys of tokens behind PKCS#11 modules (HSMs, TPMs, smart cards, SoftHSM), as wrappers of the keys of envelopes.
 *
 * @module
 */
import type { Ffi } from "../../system/ffi.ts";
import { Pkcs11Key } from "./pkcs11_wrapper.ts";
import type { UsePkcs11 } from "./types.ts";

export { pkcs11In } from "./isolated.ts";
export { Pkcs11Error, type TriesLeft } from "./pkcs11_error.ts";
export type {
  IsolatedPkcs11Options,
  IsolatedPkcs11Wrapper,
  OaepHash,
  OpenPkcs11,
  Pkcs11Options,
  Pkcs11Wrapper,
  UsePkcs11,
} from "./types.ts";

/** {@link UsePkcs11} over the FFI of a runtime. */
export function pkcs11Over(ffi: () => Ffi): UsePkcs11 {
  return (secrets, options) => new Pkcs11Key(secrets, ffi, options);
}
