// Run by system/ffi.test.ts in each runtime: library_probe.ts RUNTIME LIBRARY. Takes an address of a library that nothing
// else refers to, has the garbage collector run, and calls what lies there.
import process from "node:process";
import type { Ffi } from "../../system/ffi.ts";

const [runtime = "node", library = ""] = process.argv.slice(2);
const entry = (await import(`../../adapters/${runtime}/ffi.ts`)) as Record<string, () => Ffi>;
const open = entry[{ node: "anyFfi", deno: "denoFfi", bun: "bunFfi" }[runtime] ?? ""];
if (open === undefined) throw new Error(`no FFI of ${runtime}`);
const ffi = open();

/** In a function of its own: JavaScriptCore's collector takes what lies in the frames of its caller for live. */
function addressOfAnswer(): bigint {
  return ffi.open(library, { table: { parameters: [], result: "usize" } }).table();
}

const address = addressOfAnswer();
const { gc, Bun } = globalThis as { gc?: () => void; Bun?: { gc(full: boolean): void } };
for (let round = 0; round < 20; round++) {
  gc?.();
  Bun?.gc(true);
  await new Promise((resolve) => setTimeout(resolve, 5));
}
const { answer } =
  ffi.openAt?.({ answer: address }, { answer: { parameters: [], result: "i32" } }) ?? {};
process.stdout.write(`${answer?.()}\n`);
