/**
 * What `lethe/keyrings` is to a tool that knows no server runtime. A type checker finds here what the servers
 * have; a call is an `ERR_LETHE_UNAVAILABLE` with the reason.
 *
 * @module
 */
import type { OpenKernelKeyring, OpenSecretService } from "../../../features/keyrings/types.ts";
import type { EntryHere } from "../../../system/misplaced.ts";
import { serverOnly } from "../server_only.ts";

export type * from "../../../features/keyrings/types.ts";

const ENTRY: EntryHere = {
  kind: "web",
  taken: '"lethe/keyrings" by a condition for the web',
};

/**
 * Opens a keyring of the Linux kernel as a source, on Node.js, Deno and Bun. Bytes go from the kernel straight
 * into secret memory, and back; see docs/keyrings.md.
 *
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` here; {TypeError} for a wrong option there
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { openKernelKeyring } from "lethe/keyrings";
 *
 * const secrets = openSecrets();
 * const keyring = openKernelKeyring({ keyring: "process" });
 * const token = secrets.random(32);
 * keyring.add("example token", token, { seconds: 60 });
 * token.destroy();
 * const record = await keyring.read("example token", { land: secrets.land.bind(secrets) });
 * record.field().byteLength; // 32
 * record.destroy();
 * keyring.revoke("example token");
 * ```
 */
export const openKernelKeyring: OpenKernelKeyring = /* @__PURE__ */ serverOnly(
  "open kernel keyring",
  ENTRY,
);

/**
 * Opens the Secret Service of the session as a source, on Node.js, Deno and Bun: GNOME Keyring, KWallet, KeePassXC;
 * see docs/keyrings.md.
 *
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` here; {TypeError} for a wrong option there
 *
 * @example
 * ```ts
 * import { openSecretService } from "lethe/keyrings";
 *
 * const keyring = openSecretService();
 * keyring.way; // libsecret, or secret-tool
 * ```
 */
export const openSecretService: OpenSecretService = /* @__PURE__ */ serverOnly(
  "open Secret Service",
  ENTRY,
);
