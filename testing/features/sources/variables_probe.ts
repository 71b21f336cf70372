// Run by variables.test.ts: variables_probe.ts set|worker|hardened|late. Takes a variable: one that the program
// itself has set, beside a worker thread, or in a process that was hardened after the source was opened or before. It
// says what it took, what is left of it and what the source declares, and waits to be scanned.
import { readFileSync } from "node:fs";
import process from "node:process";
import { Worker } from "node:worker_threads";
import { landingOf } from "../../../features/sources/mod.ts";
import { runtimeEntry, stay } from "../key_files/entry.ts";
import { VARIABLE } from "./needles.ts";

const [mode = ""] = process.argv.slice(2);
const { openSecrets, openEnvironmentSource, hardenProcess } = await runtimeEntry();
const secrets = openSecrets();
if (mode === "set") process.env[VARIABLE] = "set by the program";
const waiting = "require('node:worker_threads').parentPort.once('message', () => undefined)";
const worker = mode === "worker" ? new Worker(waiting, { eval: true }) : null;
if (worker !== null) await new Promise((resolve) => worker.once("online", resolve));
worker?.unref();
if (mode === "late") hardenProcess();
const source = openEnvironmentSource();
const { residue } = source;
if (mode === "hardened") hardenProcess();

/** How many bytes, or the code of the error. */
async function take(): Promise<number | string> {
  try {
    const record = await source.read(VARIABLE, { land: landingOf(secrets) });
    const length = record.field().expose((bytes) => bytes.length);
    record.destroy();
    return length;
  } catch (error) {
    return `${(error as { code?: string }).code}`;
  }
}

const [taken, again] = [await take(), await take()];
await stay({
  taken,
  again,
  live: secrets.stats.live,
  inBlock: isInBlock(),
  residue,
});

/** Whether others see more of it than the name; null where this process may not look. */
function isInBlock(): boolean | null {
  try {
    return new RegExp(`\0${VARIABLE}=[^\0]`).test(readFileSync("/proc/self/environ", "latin1"));
  } catch {
    return null;
  }
}
