import process from "node:process";
import { inheritedChannel, runCustodian } from "../custodian/program.ts";
import { hardenProcess } from "./hardening.ts";
import { promptSecret } from "./prompt.ts";
import { runtime } from "./runtime.ts";

await runCustodian({
  runtime,
  title: `deno ${process.versions["deno"]}`,
  promptSecret,
  channel: inheritedChannel,
  hardenProcess,
});
