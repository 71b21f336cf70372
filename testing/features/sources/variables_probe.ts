// Run by variables.test.ts: variables_probe.ts set|plain. Takes a variable, which the program itself has set
// before in the first case, says what it took, what is left of it and what the source declares, and waits to be scanned.
import { readFileSync } from "node:fs";
import process from "node:process";
import { Worker } from "node:worker_threads";
import { landingOf } from "../../../features/sources/mod.ts";
import { runtimeEntry, stay } from "../key_files/entry.ts";
import { VARIABLE } from "./needles.ts";

const [mode = ""] = process.argv.slice(2);
const { openSecrets, openEnvironmentSource } = await runtimeEntry();
const secrets = openSecrets();
if (mode === "set") process.env[VARIABLE] = "set by the program";
const waiting = "require('node:worker_threads').parentPort.once('message', () => undefined)";
const worker = mode === "worker" ? new Worker(waiting, { eval: true }) : null;
if (worker !== null) await new Promise((resolve) => worker.once("online", resolve));
worker?.unref();
const source = openEnvironmentSource();
const record = await source.read(VARIABLE, { land: landingOf(secrets) });
const taken = record.field().expose((bytes) => bytes.length);
record.destroy();
const again = await source.read(VARIABLE, { land: landingOf(secrets) }).then(
  () => "found",
  (error) => error.code,
);
await stay({
  taken,
  again,
  live: secrets.stats.live,
  inBlock: readFileSync("/proc/self/environ", "latin1").includes(`${VARIABLE}=a`),
  residue: source.residue,
});
