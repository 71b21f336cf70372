/** Worker threads of all three runtimes, for probes that start themselves as one. */
interface Port {
  postMessage(message: unknown): void;
}

/** The web's Worker, which Deno and Bun have, and Node's. */
interface Handle extends Port {
  terminate(): unknown;
  on?(event: string, listener: (value: unknown) => void): void;
  onmessage?: (event: { readonly data: unknown }) => void;
}

/** A worker that was started, and how to ask it. */
export interface Started {
  readonly worker: Handle;
  answer(message: unknown): Promise<unknown>;
}

/**
 * In a worker: answers each message, and closes the worker at `"close"`. Elsewhere false.
 */
export async function inWorker(answer: (message: unknown) => Promise<unknown>): Promise<boolean> {
  if ("Deno" in globalThis || "Bun" in globalThis) {
    const scope = globalThis as unknown as Port & {
      onmessage: (event: { readonly data: unknown }) => void;
      close(): void;
    };
    if (!("WorkerGlobalScope" in globalThis) && isMain()) return false;
    scope.onmessage = async ({ data }) => {
      if (data === "close") scope.close();
      else scope.postMessage(await answer(data));
    };
    return true;
  }
  const { isMainThread, parentPort } = await import("node:worker_threads");
  if (isMainThread || parentPort === null) return false;
  parentPort.on("message", async (data: unknown) => {
    if (data === "close") parentPort.close();
    else parentPort.postMessage(await answer(data));
  });
  return true;
}

function isMain(): boolean {
  const { Bun } = globalThis as { Bun?: { readonly isMainThread: boolean } };
  return Bun?.isMainThread ?? true;
}

/** Starts the program at `url` as a worker. */
export async function startWorker(url: string): Promise<Started> {
  const Web = (globalThis as { Worker?: new (url: URL, options: object) => Handle }).Worker;
  if (Web !== undefined) {
    const worker = new Web(new URL(url), { type: "module" });
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
  const worker = new Worker(new URL(url)) as unknown as Handle;
  return {
    worker,
    answer: (message) =>
      new Promise((resolve) => {
        worker.on?.("message", resolve);
        worker.postMessage(message);
      }),
  };
}
