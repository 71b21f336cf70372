/**
 * What `lethe/sources` is to a tool that knows no server runtime: what authors and tests of sources need works; a
 * source of the machine is an `ERR_LETHE_UNAVAILABLE` with the reason.
 *
 * @module
 */
import type {
  OpenDescriptorSource,
  OpenEnvironmentSource,
  OpenExecSource,
  OpenFileSource,
  ReadSecret,
} from "../../../features/sources/everywhere.ts";
import type { EntryHere } from "../../../system/misplaced.ts";
import { serverOnly, serverOnlyAsync } from "../server_only.ts";

export * from "../../../features/sources/everywhere.ts";

const ENTRY: EntryHere = {
  kind: "web",
  taken: '"lethe/sources" by a condition for the web',
};

/**
 * Opens a source of files: tokens and passwords that a platform or a person put there, checked as key files are.
 * The reference is a path; `/dev/fd/N` is a descriptor, and a path with a slash at its end a volume of Kubernetes.
 *
 * @throws {TypeError | RangeError} for a wrong option; its reads fail with a {@link LetheError} `ERR_LETHE_SOURCE_*`
 *
 * @example
 * ```ts
 * import { writeFileSync } from "node:fs";
 * import { openSecrets } from "lethe";
 * import { landingOf, openFileSource } from "lethe/sources";
 *
 * writeFileSync("token", "a token\n", { mode: 0o600 }); // your platform does this
 * const secrets = openSecrets();
 * const source = openFileSource({ newline: "strip" });
 * const record = await source.read("./token", { land: landingOf(secrets) });
 * record.field().byteLength;
 * record.destroy();
 * ```
 */
export const openFileSource: OpenFileSource = /* @__PURE__ */ serverOnly("open source", ENTRY);

/**
 * Opens a source of descriptors that this process was started with, which are read to their end. The reference
 * is a number, or `-` for standard input.
 *
 * @throws {TypeError | RangeError} for a wrong option; its reads fail with a {@link LetheError} `ERR_LETHE_SOURCE_*`
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { landingOf, openDescriptorSource } from "lethe/sources";
 *
 * const secrets = openSecrets();
 * const source = openDescriptorSource({ newline: "strip" });
 * const record = await source.read("-", { land: landingOf(secrets) });
 * record.destroy();
 * ```
 */
export const openDescriptorSource: OpenDescriptorSource = /* @__PURE__ */ serverOnly(
  "open source",
  ENTRY,
);

/**
 * Opens a source of what programs print: `pass`, `op`, `vault`, `systemd-creds`. They are started by their absolute
 * path, without a shell, and what they print goes from the pipe into secret memory. The reference is the command.
 *
 * @throws {TypeError | RangeError} for a wrong option; its reads fail with a {@link LetheError} `ERR_LETHE_SOURCE_*`
 *
 * @example
 * ```ts
 * import { openSecrets } from "lethe";
 * import { landingOf, openExecSource } from "lethe/sources";
 *
 * const secrets = openSecrets();
 * const source = openExecSource({ newline: "strip", timeout: 10_000 });
 * const record = await source.read("/bin/echo a-token", { land: landingOf(secrets) });
 * record.destroy();
 * ```
 */
export const openExecSource: OpenExecSource = /* @__PURE__ */ serverOnly("open source", ENTRY);

/**
 * Opens a source of environment variables. The reference is a name; it is taken once, overwritten in the memory of
 * this process where that can be done, and deleted. See `residue` of the source for what remains.
 *
 * @throws {TypeError | RangeError} for a wrong option; its reads fail with a {@link LetheError} `ERR_LETHE_SOURCE_*`
 *
 * @example
 * ```ts
 * import process from "node:process";
 * import { openSecrets } from "lethe";
 * import { landingOf, openEnvironmentSource } from "lethe/sources";
 *
 * process.env["API_TOKEN"] ??= "a token"; // your platform does this
 * const secrets = openSecrets();
 * const source = openEnvironmentSource();
 * const record = await source.read("API_TOKEN", { land: landingOf(secrets) });
 * record.destroy();
 * ```
 */
export const openEnvironmentSource: OpenEnvironmentSource = /* @__PURE__ */ serverOnly(
  "open source",
  ENTRY,
);

/**
 * Reads one secret from where a reference says: `file:PATH`, `env:NAME`, `fd:N`, `exec:COMMAND`, or `-` for standard
 * input. One newline at its end is taken off, unless `newline` is `"keep"`.
 *
 * @throws {LetheError} `ERR_LETHE_SOURCE_*`
 *
 * @example
 * ```ts
 * import { writeFileSync } from "node:fs";
 * import { openSecrets } from "lethe";
 * import { readSecret } from "lethe/sources";
 *
 * writeFileSync("token", "a token\n", { mode: 0o600 }); // your platform does this
 * const token = await readSecret(openSecrets(), "file:./token");
 * token.expose((bytes) => bytes.length);
 * token.destroy();
 * ```
 */
export const readSecret: ReadSecret = /* @__PURE__ */ serverOnlyAsync("read secret", ENTRY);
