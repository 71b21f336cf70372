import { kernelKeyringOpener, type OpenKernelKeyring } from "../../features/keyrings/mod.ts";
import { anyFfi } from "./ffi.ts";

/**
 * Opens a keyring of the Linux kernel as a source. Bytes go from the kernel straight into secret memory, and
 * back; see docs/keyrings.md.
 *
 * @throws {TypeError} for a wrong option; what is not there is an error of the first use
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { kernelKeyring } from "lethe/keyrings";
 *
 * const secrets = openSecrets();
 * const keyring = kernelKeyring({ keyring: "process" });
 * const token = secrets.random(32);
 * keyring.add("example token", token, { seconds: 60 });
 * token.destroy();
 * const record = await keyring.read("example token", { land: secrets.land.bind(secrets) });
 * record.field().byteLength; // 32
 * record.destroy();
 * keyring.revoke("example token");
 * ```
 */
export const kernelKeyring: OpenKernelKeyring = kernelKeyringOpener(anyFfi);
