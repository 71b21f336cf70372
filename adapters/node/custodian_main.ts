import {
  inheritedChannel,
  runCustodian,
  writableInputs,
} from "../../features/custodian/program.ts";
import { done, type HardeningStep, notDone } from "../../features/process/hardening/mod.ts";
import { SERVER_HEAP_PROVIDER } from "../../memories/heap/server_heap.ts";
import { providePosixMemories } from "../../memories/pages/mod.ts";
import { SODIUM_PROVIDER } from "../../memories/sodium/mod.ts";
import { fs, process } from "../../system/node_builtins.ts";
import { anyFfi } from "./ffi.ts";
import { hardenProcess } from "./hardening.ts";
import { promptSecret } from "./prompt.ts";
import { runtime } from "./runtime.ts";

// The strongest first: nobody minds here that Node's FFI is experimental.
const memories = [...providePosixMemories(anyFfi, [SODIUM_PROVIDER]), SERVER_HEAP_PROVIDER];

/** What the launch lets it write to: the terminal, and standard input where that is one. */
const TERMINALS: readonly string[] = ["/dev/tty", "/dev/fd/0"];

void runCustodian({
  runtime: { ...runtime, memories },
  title: `node ${process.versions.node}`,
  promptSecret,
  channel: inheritedChannel,
  hardenProcess,
  permissions,
  // Loaded when a process is opened for a token, and never beside a vault.
  openGuest: async (context) =>
    (await import("../../features/pkcs11/serve.ts")).serveToken(anyFfi, context),
});

/** What the permission model says; the launch asks for it by the flag that this Node.js has. */
function permissions(): HardeningStep {
  const model = (
    process as { readonly permission?: { has(scope: string, path?: string): boolean } }
  ).permission;
  if (model === undefined) return notDone("this Node.js runs without its permission model");
  const scopes = ["child", "worker", "fs.write"];
  const left = scopes.filter((scope) => model.has(scope));
  if (left.length > 0) return notDone(`process.permission has ${left.join(", ")}`);
  const said = `process.permission has no ${scopes.join(", ")}`;
  const terminal = TERMINALS.filter((path) => model.has("fs.write", path));
  const evidence = terminal.length === 0 ? said : `${said} but for ${terminal.join(", ")}`;
  const files = writableInputs(mayWrite);
  return files === null ? done(evidence) : notDone(`${evidence}; but ${files}`);
}

function mayWrite(descriptor: number): boolean {
  try {
    fs.writeSync(descriptor, new Uint8Array(0));
    return true;
  } catch {
    return false; // EBADF: it is open for reading
  }
}
