// Run by isolated.environment.test.ts in each runtime, with one job as JSON: it opens a key, uses it, and ends without a word to it.

import process from "node:process";
import type { Secrets } from "../../../core/mod.ts";
import type { OpenPkcs11 } from "../../../features/pkcs11/types.ts";
import { load } from "../../load.ts";
import { programArguments } from "../../memories/pages/runtime.ts";
import type { Job } from "./probe.ts";

const runtime = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";
const { openSecrets }: { openSecrets(): Secrets } = await import(
  `../../../adapters/${runtime}/mod.ts`
);
const { openPkcs11 }: { openPkcs11: OpenPkcs11 } = await import(
  `../../../adapters/${runtime}/pkcs11.ts`
);
const { uri, pin, isolated = [] } = JSON.parse(programArguments()[0] ?? "{}") as Job;
const environment = Object.fromEntries(isolated.map((name) => [name, process.env[name] ?? ""]));
const secrets = openSecrets();
const options = { uri, pin: load(pin), hash: "sha1", environment } as const;
const key = await openPkcs11(secrets, options);
await key.wrap(secrets.random(16));
process.stdout.write(`${key.pid}\n`);
