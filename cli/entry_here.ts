import type {
  OpenAgent,
  OpenCustodian,
  OpenKeyFiles,
  PromptSecret,
  ReadSecret,
} from "../adapters/node/mod.ts";
import type { OpenSecrets, Runtime } from "../core/mod.ts";

/** What commands and probes need of an entry. */
export interface Entry {
  readonly runtime: Runtime;
  readonly openSecrets: OpenSecrets;
  readonly promptSecret: PromptSecret;
  readonly openKeyFiles: OpenKeyFiles;
  readonly openCustodian: OpenCustodian;
  readonly openAgent: OpenAgent;
  readonly readSecret: ReadSecret;
}

/** The entry of the runtime that this runs on. */
export async function entryHere(): Promise<Entry> {
  if ("Deno" in globalThis) return await import("../adapters/deno/mod.ts");
  if ("Bun" in globalThis) return await import("../adapters/bun/mod.ts");
  return await import("../adapters/node/mod.ts");
}
