import { inheritedBunChannel, runCustodian } from "../custodian/program.ts";
import { notDone } from "../hardening/mod.ts";
import { process } from "../node_builtins.ts";
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
