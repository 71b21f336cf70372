import { inheritedBunChannel, runCustodian } from "../../features/custodian/program.ts";
import { notDone } from "../../features/process/hardening/mod.ts";
import { process } from "../../system/node_builtins.ts";
import { bunFfi } from "./ffi.ts";
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
  // Loaded when a process is opened for a token, and never beside a vault.
  openGuest: async (context) =>
    (await import("../../features/pkcs11/serve.ts")).serveToken(bunFfi, context),
});
