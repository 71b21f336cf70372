import type { SecretSource } from "../../../features/sources/mod.ts";

/** The keyring of a kind, as a runtime has it. */
export async function openKeyring(kind: string, runtime: string): Promise<SecretSource> {
  const keyrings = (await import(`../../../adapters/${runtime}/keyrings.ts`)) as Readonly<
    Record<string, (options?: object) => SecretSource>
  >;
  const open = keyrings[KINDS[kind] ?? ""];
  if (open === undefined) throw new Error(`${runtime} has no keyring of the kind ${kind}`);
  return open(kind === "kernel" ? { keyring: "process" } : undefined);
}

const KINDS: Readonly<Record<string, string>> = { kernel: "kernelKeyring" };
