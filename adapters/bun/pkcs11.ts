import { optional } from "../../core/arguments/own.ts";
import {
  type OpenPkcs11,
  pkcs11In,
  pkcs11Over,
  type UsePkcs11,
} from "../../features/pkcs11/mod.ts";
import { process } from "../../system/node_builtins.ts";
import { bunWay } from "./custodian_way.ts";
import { BUN_ENTRY, bunFfi } from "./ffi.ts";
import { runtime } from "./runtime.ts";

/**
 * Makes a wrapper of a key that a token holds, behind a PKCS#11 module: an HSM, a TPM, a smart card, SoftHSM. The private key stays
 * there. File key and PIN go between secret memory and the module by the addresses of their pages.
 *
 * The module runs in this process, and each call of it blocks this thread; see docs/pkcs11.md for what that means.
 *
 * @throws {TypeError} for wrong options, and for a URI that is none or holds a PIN
 * @throws {Pkcs11Error} `ERR_LETHE_WRAPPER` with what the module returned: the token is not there, the PIN is wrong or locked, the key is
 * not there, a mechanism is not offered. Calls of the wrapper throw the same
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` without FFI
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { openEnvelopes } from "lethe/envelopes";
 * import { usePkcs11 } from "lethe/pkcs11";
 *
 * const secrets = openSecrets();
 * const uri = "pkcs11:token=backup;object=envelopes?module-path=/usr/lib/softhsm/libsofthsm2.so";
 * try {
 *   const token = usePkcs11(secrets, { uri }); // with pin, to open as well
 *   await openEnvelopes(secrets).seal(secrets.random(32), [token]);
 *   token.destroy();
 * } catch {
 *   // there is no such token here
 * }
 * ```
 */
export const usePkcs11: UsePkcs11 = pkcs11Over(bunFfi);

/**
 * The same with the module in a separate process: it is started and hardened as a custodian is, holds nothing else, and ends with
 * this one. PIN and file keys cross to it sealed. A module that crashes, hangs or reads memory does so there; calls do not block
 * this thread. It takes what `openCustodian` takes.
 *
 * @throws {TypeError | RangeError} for wrong options, and for a URI that is none or holds a PIN
 * @throws {Pkcs11Error} as {@link usePkcs11}, and where the process does not start, or has ended. Calls of the wrapper throw the same
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` without an engine for the channel, or without leave to start a process
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { openEnvelopes } from "lethe/envelopes";
 * import { openPkcs11 } from "lethe/pkcs11";
 *
 * const secrets = openSecrets();
 * const uri = "pkcs11:token=backup;object=envelopes?module-path=/usr/lib/softhsm/libsofthsm2.so";
 * const environment = { SOFTHSM2_CONF: "/etc/softhsm/softhsm2.conf" };
 * try {
 *   const token = await openPkcs11(secrets, { uri, environment });
 *   await openEnvelopes(secrets).seal(secrets.random(32), [token]);
 *   token.destroy();
 * } catch {
 *   // there is no such token here
 * }
 * ```
 */
export const openPkcs11: OpenPkcs11 = pkcs11In({
  runtime,
  entry: BUN_ENTRY,
  way: bunWay,
  readVariable: (name) => optional(process.env, name),
});
