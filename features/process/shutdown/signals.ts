import { constants } from "node:os";
import { isMainThread } from "node:worker_threads";
import { optionalGlobal } from "../../../core/arguments/own.ts";
import { findDeno } from "../../../system/deno.ts";
import { readText } from "../../../system/read_text.ts";
import type { Signal } from "../../../system/signals.ts";
import { DenoWatch } from "./deno_watch.ts";
import { EmitterWatch } from "./emitter_watch.ts";
import type { SignalHook, SignalWatch } from "./signal_watch.ts";

export { isHandledByApplication } from "./signal_watch.ts";

/**
 * Calls `hook` when `signal` arrives, and then lets follow what would have followed without it.
 *
 * - While the application has a listener of its own for the signal, the default action stays away, and
 *   `ends` is false. A listener that was added by `once` counts, also where it ran before.
 * - Else `ends` is true, and the signal is raised again once every hook has run, so that the process ends
 *   by it, with the status that its parent expects (128 + n in a shell).
 * - Libraries that end the process unless others listen (signal-exit) do not see this listener, and end
 *   it. Their end comes by here, and `ends` is true.
 * - Other copies of Lethe, of whatever version, are no application.
 *
 * A signal that the parent had ignored (nohup(1)) stays ignored: nothing listens. That is read from
 * `/proc/self/status`, and elsewhere not known. In a worker thread nothing listens either: signals are
 * the main thread's.
 *
 * @returns a function that removes the hook; safe to call twice
 */
export function beforeDefaultAction(signal: Signal, hook: SignalHook): () => void {
  if (!isMain() || isIgnored(signal)) return () => undefined;
  let watch = WATCHES.get(signal);
  if (watch === undefined) {
    watch = findDeno() === undefined ? new EmitterWatch(signal) : new DenoWatch(signal);
    WATCHES.set(signal, watch);
  }
  return watch.add(hook);
}

/** One for each signal: its listener is the only one of this copy, however many hooks there are. */
const WATCHES = new Map<Signal, SignalWatch>();

/** Deno and Bun have the web's workers as well. */
function isMain(): boolean {
  const scope = optionalGlobal("WorkerGlobalScope");
  return isMainThread && !(typeof scope === "function" && globalThis instanceof scope);
}

/** Deno makes ignored signals deadly with its first listener of any, so that it need not be asked. */
function isIgnored(signal: Signal): boolean {
  if (findDeno() !== undefined) return false;
  try {
    const status = readText("/proc/self/status");
    const [, mask = "0"] = /^SigIgn:\s+([0-9a-f]+)$/m.exec(status) ?? [];
    return ((BigInt(`0x${mask}`) >> BigInt((constants.signals[signal] ?? 1) - 1)) & 1n) === 1n;
  } catch {
    return false;
  }
}

export type { Signal, SignalHook };
