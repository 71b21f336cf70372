/**
 * Keys of tokens behind PKCS#11 modules, on Deno.
 *
 * @module
 */
export { Pkcs11Error, type TriesLeft } from "../../../features/pkcs11/pkcs11_error.ts";
export type * from "../../../features/pkcs11/types.ts";
export { openPkcs11, usePkcs11 } from "../pkcs11.ts";
