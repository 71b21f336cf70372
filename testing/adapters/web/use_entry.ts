/**
 * Prints what an entry gives, and what it says of itself, on the runtime that this runs on.
 *
 *     use_entry.ts ENTRY...     modules, from here: ../../../adapters/web/by_browser.ts
 */

import process from "node:process";
import type * as lethe from "../../../adapters/node/mod.ts";
import { openCrypto } from "../../../features/crypto/mod.ts";
import { openEnclaves } from "../../../features/enclave/open_enclaves.ts";

type Entry = Partial<typeof lethe> & Pick<typeof lethe, "openSecrets">;

const modules = await Promise.all(process.argv.slice(2).map((name) => import(name)));
const entry = Object.assign({}, ...modules) as Entry;

const told: Record<string, string> = {};
const note = async (what: string, use: () => unknown): Promise<void> => {
  try {
    told[what] = String(await use());
  } catch (error) {
    const { name: kind, code, message } = error as Error & { code?: string };
    told[what] = `${kind} ${code}: ${message}`;
  }
};
const secrets = entry.openSecrets();
const { openCustodian, openKeyFiles, promptSecret, wipeOnExit, hardenProcess } = entry;
await note("secretmem", () => entry.openSecrets({ memory: "secretmem" }).memory);
await note("sodium", () => entry.openSecrets({ memory: "sodium" }).memory);
await note("openCrypto", () => openCrypto(secrets).engine);
await note("seal", () => openEnclaves(secrets).seal(secrets.random(32)));
await note("openCustodian", () => openCustodian?.().then((custodian) => custodian.close()));
await note("openKeyFiles", () => openKeyFiles?.(secrets));
await note("promptSecret", () => promptSecret?.(secrets, "Password: "));
await note("wipeOnExit", () => wipeOnExit?.(secrets));
await note("hardenProcess", () => hardenProcess?.());
process.stdout.write(
  `${JSON.stringify({ memory: secrets.memory, passedOver: secrets.passedOver, told })}\n`,
);
process.exit();
