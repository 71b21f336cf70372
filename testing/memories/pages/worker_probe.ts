// Run by workers.test.ts and sweep.attack.test.ts in each runtime: worker_probe.ts <memory> <how> [file...].
// It starts itself as a worker. With files, another user then holds a lock on each, and on all of this
// process that such a user may open.
import { openKernel, openPages, openSecretmem } from "../../../memories/pages/mod.ts";
import { programArguments, runtimeFfi, say } from "./runtime.ts";
import { inWorker, startWorker } from "./worker.ts";

const [name, how, ...files] = programArguments();

/** 40 slots, the first of them open, and the bytes of all 0xa5. */
async function occupy(memoryName: string): Promise<unknown> {
  const kernel = openKernel(await runtimeFfi());
  const memory = memoryName === "secretmem" ? openSecretmem(kernel) : openPages(kernel);
  const held = Array.from({ length: 40 }, () => memory.allocate(32));
  for (const region of held) {
    region.protect("read-write");
    region.view().fill(0xa5);
    if (region === held[0]) continue;
    region.detach();
    region.protect("no-access");
  }
  const [first] = held as unknown as readonly { readonly address: bigint }[];
  (globalThis as { held?: unknown }).held = held;
  return first?.address;
}

/** How many locks another user took; it keeps them. */
async function takeLocks(): Promise<{ readonly held: number; release(): void }> {
  const { spawn } = await import("node:child_process");
  const { pid } = (globalThis as unknown as { process: { readonly pid: number } }).process;
  const script = new URL("./take_locks.sh", import.meta.url).pathname;
  const user = ["--reuid=65534", "--regid=65534", "--clear-groups"];
  const thief = spawn("setpriv", [...user, "bash", script, `${pid}`, ...files], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const held = await new Promise<number>((resolve) => {
    thief.stdout.on("data", (text) => resolve(Number(/held (\d+)/.exec(String(text))?.[1])));
  });
  return { held, release: () => void thief.kill("SIGKILL") };
}

if (!(await inWorker((message) => occupy(String(message))))) {
  const kernel = openKernel(await runtimeFfi());
  const memory = openPages(kernel);
  const { worker, answer } = await startWorker(import.meta.url);
  const address = (await answer(name ?? "")) as bigint;
  const at = () => kernel.mappings("smaps", address, address + 1n)?.[0];
  const flags = () => at()?.flags.filter((flag) => flag === "lo" || flag === "dc") ?? [];
  memory.sweep();
  const running = { access: at()?.access, flags: flags() };
  const locks = files.length === 0 ? null : await takeLocks();
  if (how === "terminate") await worker.terminate();
  else worker.postMessage("close");
  // Until the operating system has ended the thread.
  const before = { access: at()?.access, flags: flags() };
  let rounds = 0;
  for (; rounds < 200 && flags().length > 0; rounds++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    memory.sweep();
  }
  const after = flags();
  // Which may lie where the worker's was.
  const mine = memory.allocate(32);
  mine.protect("read-write");
  mine.view().fill(1);
  say({ running, before, after, rounds, held: locks?.held });
  locks?.release();
  (globalThis as { Deno?: { exit(): never } }).Deno?.exit();
  (globalThis as { process?: { exit(): never } }).process?.exit();
}
