// Run by workers.test.ts in each runtime: worker_probe.ts <memory> <how>. It starts itself as a worker.
import { openKernel, openPages, openSecretmem } from "../mod.ts";
import { programArguments, runtimeFfi, say } from "./runtime.ts";

interface Port {
  postMessage(message: unknown): void;
}

/** The web's Worker, which Deno and Bun have, and Node's. */
interface Handle extends Port {
  terminate(): unknown;
  on?(event: string, listener: (value: unknown) => void): void;
  onmessage?: (event: { readonly data: unknown }) => void;
}

const [name, how] = programArguments();

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

async function inWorker(): Promise<boolean> {
  if ("Deno" in globalThis || "Bun" in globalThis) {
    const scope = globalThis as unknown as Port & {
      onmessage: (event: { readonly data: string }) => void;
      close(): void;
    };
    if (!("WorkerGlobalScope" in globalThis) && isMain()) return false;
    scope.onmessage = async ({ data }) => {
      if (data === "close") scope.close();
      else scope.postMessage(await occupy(data));
    };
    return true;
  }
  const { isMainThread, parentPort } = await import("node:worker_threads");
  if (isMainThread || parentPort === null) return false;
  parentPort.on("message", async (data: string) => {
    if (data === "close") parentPort.close();
    else parentPort.postMessage(await occupy(data));
  });
  return true;
}

function isMain(): boolean {
  const { Bun } = globalThis as { Bun?: { readonly isMainThread: boolean } };
  return Bun?.isMainThread ?? true;
}

async function start(): Promise<{
  readonly worker: Handle;
  answer(message: string): Promise<unknown>;
}> {
  const Web = (globalThis as { Worker?: new (url: URL, options: object) => Handle }).Worker;
  const url = new URL(import.meta.url);
  if (Web !== undefined) {
    const worker = new Web(url, { type: "module" });
    return {
      worker,
      answer: (message) =>
        new Promise((resolve) => {
          worker.onmessage = ({ data }) => resolve(data);
          worker.postMessage(message);
        }),
    };
  }
  const { Worker } = await import("node:worker_threads");
  const worker = new Worker(url) as unknown as Handle;
  return {
    worker,
    answer: (message) =>
      new Promise((resolve) => {
        worker.on?.("message", resolve);
        worker.postMessage(message);
      }),
  };
}

if (!(await inWorker())) {
  const kernel = openKernel(await runtimeFfi());
  const memory = openPages(kernel);
  const { worker, answer } = await start();
  const address = (await answer(name ?? "")) as bigint;
  const at = () => kernel.mappings("smaps", address, address + 1n)?.[0];
  const flags = () => at()?.flags.filter((flag) => flag === "lo" || flag === "dc") ?? [];
  memory.sweep();
  const running = { access: at()?.access, flags: flags() };
  if (how === "terminate") await worker.terminate();
  else worker.postMessage("close");
  // Until the operating system has ended the thread.
  const before = { access: at()?.access, flags: flags() };
  let rounds = 0;
  for (; rounds < 200 && flags().length > 0; rounds++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    memory.sweep();
  }
  const mine = memory.allocate(32);
  mine.protect("read-write");
  mine.view().fill(1);
  say({ running, before, after: flags(), rounds });
  (globalThis as { Deno?: { exit(): never } }).Deno?.exit();
  (globalThis as { process?: { exit(): never } }).process?.exit();
}
