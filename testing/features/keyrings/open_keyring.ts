import type { SecretSource } from "../../../features/sources/mod.ts";

/** The keyring of a kind, as a runtime has it. */
export async function openKeyring(kind: string, runtime: string): Promise<SecretSource> {
  const keyrings = (await import(`../../../adapters/${runtime}/keyrings.ts`)) as Readonly<
    Record<string, (options?: object) => SecretSource>
  >;
  const open = keyrings[KINDS[kind] ?? ""];
  if (open === undefined) throw new Error(`${runtime} has no keyring of the kind ${kind}`);
  if (kind === "kernel") return open({ keyring: "process" });
  return kind === "bun" ? open() : open({ way: kind });
}

const KINDS: Readonly<Record<string, string>> = {
  kernel: "openKernelKeyring",
  libsecret: "openSecretService",
  "secret-tool": "openSecretService",
  bun: "openBunSecrets",
};
