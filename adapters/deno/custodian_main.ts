import {
  inheritedChannel,
  runCustodian,
  writableInputs,
} from "../../features/custodian/program.ts";
import { done, type HardeningStep, notDone } from "../../features/process/hardening/mod.ts";
import { openLibrary } from "../../system/libc.ts";
import { process } from "../../system/node_builtins.ts";
import { isPermitted } from "../../system/permitted.ts";
import { denoFfi } from "./ffi.ts";
import { hardenProcess } from "./hardening.ts";
import { promptSecret } from "./prompt.ts";
import { runtime } from "./runtime.ts";

const WRITE = {
  write: { parameters: ["i32", "bytes", "usize"], result: "isize" },
} as const;

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
  if (left.length > 0) return notDone(`Deno.permissions grants ${left.join(", ")}`);
  const evidence = `Deno.permissions grants no ${names.join(", ")}`;
  const files = writableInputs(mayWrite);
  return files === null ? done(evidence) : notDone(`${evidence}; but ${files}`);
}

/** Through libc: Deno's own call of Node refuses standard input, and still can cut the file. */
function mayWrite(descriptor: number): boolean {
  try {
    return Number(openLibrary(denoFfi(), WRITE).write(descriptor, new Uint8Array(0), 0n)) === 0;
  } catch {
    return true; // without FFI it is not known
  }
}
