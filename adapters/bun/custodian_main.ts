import { inheritedBunChannel, runCustodian } from "../../features/custodian/program.ts";
import { notDone } from "../../features/process/hardening/mod.ts";
import { process } from "../../system/node_builtins.ts";
import { hardenProcess } from "./hardening.ts";
import { promptSecret } from "./prompt.ts";
import { runtime } from "./runtime.ts";

void runCustodian({
  runtime,
  title: `bun ${process.versions["bun"]}`,
  promptSecret,
  channel: inheritedBunChannel,
  hardenProcess,
  permissions: () => notDone("Bun has no permissions"),
});
