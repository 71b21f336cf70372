/** Hardens itself, or does not, tells what came of it, and waits. */
import { writeSync } from "node:fs";
import process from "node:process";
import type * as Adapter from "../../../../adapters/node/mod.ts";
import { atHand } from "../../../built.ts";

const runtime = "Deno" in globalThis ? "deno" : process.versions["bun"] ? "bun" : "node";
const adapter: typeof Adapter = await import(atHand(`adapters/${runtime}/mod.ts`));
const [, , mode = "harden", end = "wait", parent = ""] = process.argv;
const diesWithParent = parent === "" ? true : Number(parent);
const parentSignal = end === "notice" ? "SIGCONT" : "SIGKILL";
process.on("SIGCONT", () => writeSync(1, "woken\n"));
const steps = mode === "harden" ? adapter.hardenProcess({ diesWithParent, parentSignal }) : {};
writeSync(1, `${JSON.stringify({ pid: process.pid, steps })}\n`);
if (end === "abort") process.kill(process.pid, "SIGABRT");
else setInterval(() => undefined, 1000);
