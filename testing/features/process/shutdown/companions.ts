/**
 * A program with other listeners beside those of wipeOnExit: companions.ts <companion> <order> [copy].
 * Says what it does, and waits for signals. What stands for secrets says when it is purged.
 */
import { writeSync } from "node:fs";
import { createRequire } from "node:module";
import process from "node:process";
import { isMainThread, Worker } from "node:worker_threads";
import type { Secrets } from "../../../../core/mod.ts";
import type * as Shutdown from "../../../../features/process/shutdown/mod.ts";

const [, , companion = "none", order = "after", copy = ""] = process.argv;
const require = createRequire(import.meta.url);
const say = (text: string): void => void writeSync(1, `${text}\n`);
const { Deno } = globalThis as unknown as {
  readonly Deno?: { addSignalListener(signal: string, listener: () => void): void };
};

const load = (from: string): Promise<typeof Shutdown> => import(from);
const shutdown = await load("../../../../features/process/shutdown/mod.ts");

function wipe(name: string, { wipeOnExit }: typeof Shutdown = shutdown): () => void {
  return wipeOnExit({ purge: () => say(`wiped ${name}`) } as unknown as Secrets);
}

/** Starts something asynchronous, and ends with it. */
function shutDown(): void {
  say("shutting down");
  setTimeout(() => {
    say("shut down");
    process.exit(5);
  }, 150);
}

const raise = (signal: NodeJS.Signals = "SIGTERM"): void => void process.kill(process.pid, signal);

/** As signal-exit does: it ends the process when nobody else listens. */
function countingLibrary(): void {
  const listener = (): void => {
    if (process.listenerCount("SIGTERM") > 1) return;
    process.removeListener("SIGTERM", listener);
    say("library ends it");
    raise();
  };
  process.on("SIGTERM", listener);
}

const COMPANIONS: Readonly<Record<string, () => unknown>> = {
  none: () => undefined,
  "second copy": async () => {
    wipe("B", await load(`${copy}/features/process/shutdown/mod.ts`));
  },
  "second copy and an application": async () => {
    wipe("B", await load(`${copy}/features/process/shutdown/mod.ts`));
    process.on("SIGTERM", shutDown);
  },
  "second copy and signal-exit 4": async () => {
    wipe("B", await load(`${copy}/features/process/shutdown/mod.ts`));
    require("signal-exit").onExit(() => say("hook"));
  },
  "signal-exit 3": () => require("signal-exit-3")(() => say("hook")),
  "signal-exit 4": () => require("signal-exit").onExit(() => say("hook")),
  "signal-exit 3 and 4": () => {
    require("signal-exit-3")(() => say("hook"));
    require("signal-exit").onExit(() => say("hook"));
  },
  "signal-exit 4 that stays": () => require("signal-exit").onExit(() => true),
  "when-exit": async () => {
    const { default: whenExit } = await import("when-exit");
    (whenExit as unknown as (hook: () => void) => void)(() => say("hook"));
  },
  "exit-hook": async () => (await import("exit-hook")).default(() => say("hook")),
  "node-cleanup": () => require("node-cleanup")(() => say("hook")),
  "async-exit-hook": () => require("async-exit-hook")(() => say("hook")),
  death: () => require("death")(shutDown),
  "counting library": countingLibrary,
  "application, on": () => process.on("SIGTERM", shutDown),
  "application, once": () => process.once("SIGTERM", shutDown),
  "application, prependOnce": () => process.prependOnceListener("SIGTERM", shutDown),
  "application, prepended": () => process.prependListener("SIGTERM", shutDown),
  "application that removes itself": () => {
    const listener = (): void => {
      process.removeListener("SIGTERM", listener);
      shutDown();
    };
    process.on("SIGTERM", listener);
  },
  "application, once, and a counting library": () => {
    process.once("SIGTERM", () => say("seen"));
    countingLibrary();
  },
  "application that raises it again": () =>
    process.once("SIGTERM", () => {
      say("seen");
      raise();
    }),
  "application that raises it again later": () =>
    process.once("SIGTERM", () => {
      say("seen");
      setTimeout(raise, 100);
    }),
  "application of Deno's own": () => Deno?.addSignalListener("SIGTERM", shutDown),
  "application in a domain": () => {
    const domain = require("node:domain").create();
    domain.on("error", () => say("handled in the domain"));
    domain.run(() => process.on("SIGTERM", shutDown));
    domain.run(() => setTimeout(() => JSON.parse("{"), 50));
  },
  "listener that is marked": () =>
    process.on(
      "SIGTERM",
      Object.assign(() => say("seen"), { [Symbol.for("lethe.signal-guest.v1")]: true }),
    ),
  "listener that throws when it is looked at": () => {
    const get = (target: () => void, key: string | symbol): unknown => {
      if (typeof key === "symbol") throw new Error("looked at");
      return Reflect.get(target, key);
    };
    process.on("SIGTERM", new Proxy(shutDown, { get }));
  },
  "functions that are replaced": () => {
    const refuse = (): never => {
      throw new Error("replaced");
    };
    Object.assign(globalThis, { setImmediate: () => 0, setTimeout: () => 0 });
    Object.assign(process, { kill: refuse, exit: refuse, nextTick: () => undefined });
  },
  "secrets that cannot be purged": () =>
    shutdown.wipeOnExit({
      purge() {
        throw new Error("not purged");
      },
    } as unknown as Secrets),
  "thirty more": () => {
    const stop = Array.from({ length: 30 }, () => wipe("more"));
    for (const each of stop) each();
  },
  "a worker thread": () => {
    const worker = new Worker(new URL(import.meta.url), { argv: ["in the worker", "after", copy] });
    return new Promise((resolve) => worker.once("message", resolve));
  },
  "a worker thread and an application": async () => {
    process.on("SIGTERM", shutDown);
    const worker = new Worker(new URL(import.meta.url), { argv: ["in the worker", "after", copy] });
    await new Promise((resolve) => worker.once("message", resolve));
  },
};

if (isMainThread) {
  const stay = setInterval(() => undefined, 1000);
  if (order === "before") await COMPANIONS[companion]?.();
  wipe("A");
  if (order === "after") await COMPANIONS[companion]?.();
  stay.ref();
  say(`ready ${process.listenerCount("SIGTERM")}`);
} else {
  wipe("in the worker");
  setInterval(() => undefined, 1000);
  const { parentPort } = await import("node:worker_threads");
  parentPort?.postMessage("ready");
}
