/**
 * A custodian whose memory a scan can look into, and that has a fault of its first argument's kind
 * when SIGUSR2 comes. All else is as in custodian_main.ts of its runtime.
 */
import { closeSync } from "node:fs";
import process from "node:process";
import type * as Hardened from "../../../adapters/node/hardening.ts";
import type * as Prompting from "../../../adapters/node/prompt.ts";
import type { Runtime } from "../../../core/mod.ts";
import {
  inheritedBunChannel,
  inheritedChannel,
  runCustodian,
} from "../../../features/custodian/program.ts";
import { notDone } from "../../../features/process/hardening/mod.ts";

const name = "Deno" in globalThis ? "deno" : process.versions["bun"] ? "bun" : "node";
const { runtime }: { readonly runtime: Runtime } = await import(
  `../../../adapters/${name}/runtime.ts`
);
const { promptSecret }: typeof Prompting = await import(`../../../adapters/${name}/prompt.ts`);
const { hardenProcess }: typeof Hardened = await import(`../../../adapters/${name}/hardening.ts`);
const [, , fault = "", memory = ""] = process.argv;

const FAULTS: Readonly<Record<string, () => void>> = {
  uncaught() {
    throw new Error("of the custodian");
  },
  /** Gives the channel up, and goes on. */
  hangup: () => closeSync(3),
  unhandled: () => void Promise.reject(new Error("of the custodian")),
};
process.on("SIGUSR2", () => setTimeout(() => FAULTS[fault]?.()));

await runCustodian({
  runtime: { ...runtime, memories: runtime.memories.filter((offer) => offer.name === memory) },
  title: `faulty ${name}`,
  promptSecret,
  channel: name === "bun" ? inheritedBunChannel : inheritedChannel,
  hardenProcess,
  permissions: () => notDone("of a test"),
  openGuest: () => Promise.reject(new Error("of the custodian")),
});
