import { inheritedChannel, runCustodian } from "../../features/custodian/program.ts";
import { done, type HardeningStep, notDone } from "../../features/process/hardening/mod.ts";
import { process } from "../../system/node_builtins.ts";
import { isPermitted } from "../../system/permitted.ts";
import { denoFfi } from "./ffi.ts";
import { hardenProcess } from "./hardening.ts";
import { promptSecret } from "./prompt.ts";
import { runtime } from "./runtime.ts";

void runCustodian({
  runtime,
  title: `deno ${process.versions["deno"]}`,
  promptSecret,
  channel: inheritedChannel,
  hardenProcess,
  permissions,
  // Loaded when a process is opened for a token, and never beside a vault.
  openGuest: async (context) =>
    (await import("../../features/pkcs11/serve.ts")).serveToken(denoFfi, context),
});

function permissions(): HardeningStep {
  const names = ["run", "write", "net", "env"] as const;
  const left = names.filter((name) => isPermitted({ name }));
  return left.length === 0
    ? done(`Deno.permissions grants no ${names.join(", ")}`)
    : notDone(`Deno.permissions grants ${left.join(", ")}`);
}
