import { process } from "../../../system/node_builtins.ts";

/** What the npm package signal-exit leaves for other versions of itself: how many of it listen. */
interface SignalExit {
  readonly count?: unknown;
}

/**
 * How many listeners to each signal are those of signal-exit, versions 2 to 4. It ends the process if
 * there are no more listeners than these.
 */
export function countSignalExit(): number {
  try {
    return count(process, "__signal_exit_emitter__") + count(globalThis, V4);
  } catch {
    return 0;
  }
}

const V4 = Symbol.for("signal-exit emitter");

function count(place: object, name: PropertyKey): number {
  if (!Object.hasOwn(place, name)) return 0;
  const emitter = (place as Readonly<Record<PropertyKey, SignalExit>>)[name];
  const value = emitter !== undefined && Object.hasOwn(emitter, "count") ? emitter.count : 0;
  return typeof value === "number" && Number.isInteger(value) && value > 0 ? value : 0;
}
