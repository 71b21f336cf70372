/** Passes bytes of another realm to every parameter that takes bytes, on the runtime that runs this. */
import { Buffer } from "node:buffer";
import process from "node:process";
import vm from "node:vm";
import { type Make, openTakers, outcomes, takers } from "./takers.ts";
import { entryHere } from "./uses_of_time.ts";

const MAKES: Readonly<Record<string, Make>> = {
  Buffer: (content) => Buffer.from(content) as Uint8Array<ArrayBuffer>,
  foreign: (content) => vm.runInNewContext("Uint8Array.from(content)", { content }),
};
const scene = await openTakers(await entryHere());
const said: Record<string, unknown> = {};
for (const [kind, make] of Object.entries(MAKES)) {
  const all = Object.entries(await outcomes(takers(scene, make)));
  said[kind] = Object.fromEntries(all.filter(([, what]) => what !== ""));
}
await scene.custodian.close();
process.stdout.write(`${JSON.stringify(said)}\n`);
process.exit(0);
