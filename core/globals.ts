import { errorCode, optional, optionalGlobal } from "./arguments/own.ts";
import { LetheError } from "./contract/errors.ts";

/**
 * What Lethe uses of its platform that tests replace (timers, clocks) or programs patch: taken once,
 * when it is loaded. A fake clock in a test then stops neither a prompt nor a re-keying, and a patched
 * generator or `transfer` neither weakens a key nor keeps a view alive. Node makes the generator of the web
 * and the clock when they are first read, which takes longer than all of Lethe: there others stand in for them
 * (system/stand_ins.ts).
 *
 * A test may have replaced them before Lethe is loaded. Timers come from `node:timers` on Node, Deno and
 * Bun, which few replace, and beside what must not hang runs a wait that no test replaces.
 */

type Timer = number | { unref?(): void };

interface Timers {
  setTimeout(task: () => void, milliseconds: number): Timer;
  setInterval(task: () => void, milliseconds: number): Timer;
  clearInterval(timer: Timer): void;
  clearTimeout(timer: Timer): void;
  readonly setImmediate?: ((task: () => void) => unknown) | undefined;
}

interface Platform extends Timers {
  readonly process?: { getBuiltinModule?(name: string): unknown };
  readonly Deno?: { unrefTimer?(timer: number): void };
}

type WaitAsync = (
  word: Int32Array<SharedArrayBuffer>,
  index: 0,
  value: 0,
  milliseconds: number,
) => { readonly value: Promise<string> | string };

interface Wait {
  readonly Shared: SharedArrayBufferConstructor;
  readonly atomics: typeof Atomics;
  readonly waitAsync: WaitAsync;
}

const platform = globalThis as unknown as Platform;
// A bundler drops what a page does not use of this, but for a call only when it is marked as pure.
const Deno = optionalGlobal("Deno") as Platform["Deno"];
const process = optionalGlobal("process") as Platform["process"];
const timers = /* @__PURE__ */ takeTimers();
const wall = /* @__PURE__ */ optional(Date, "now") as typeof Date.now;
const { transfer } = ArrayBuffer.prototype as Partial<ArrayBuffer>;
const waiting = /* @__PURE__ */ takeWait();
const Registry = optionalGlobal("FinalizationRegistry") as
  | FinalizationRegistryConstructor
  | undefined;

type Method = ((...values: readonly unknown[]) => unknown) | null;

/** A method of a global object; null: there is none. */
function methodOf(name: string, method: string): Method {
  const object = optionalGlobal(name) as Readonly<Record<string, Method>> | undefined;
  return object?.[method]?.bind(object) ?? null;
}

/** Undefined: Node has this global and did not make it yet, which takes milliseconds. Deno makes its own at once. */
function takeUnlessUnmade(name: string, method: string): Method | undefined {
  const isUnmade =
    Deno === undefined &&
    process?.getBuiltinModule !== undefined &&
    Object.getOwnPropertyDescriptor(globalThis, name)?.get !== undefined;
  return isUnmade ? undefined : methodOf(name, method);
}

let clock: Method | undefined = /* @__PURE__ */ takeUnlessUnmade("performance", "now");
let generator: Method | undefined = takeUnlessUnmade("crypto", "getRandomValues");

/** What stands in, on Node, for globals that were not made yet: nobody can have patched it since. */
export interface StandIns {
  /** Milliseconds since some moment. */
  now(): number;
  /** `crypto.getRandomValues` as Node itself has it. */
  takeGenerator(): Method;
}

let standIns: StandIns | null = null;

/** Takes what a server gives for the globals that its runtime did not make yet. */
export function giveStandIns(given: StandIns): void {
  standIns = given;
  clock ??= given.now;
}

/** The generator of the web; where Node did not make it yet, it does now. */
export function takeGenerator(): Method {
  generator ??= standIns?.takeGenerator() ?? methodOf("crypto", "getRandomValues");
  return generator;
}

function takeTimers(): Timers {
  const from = timersOf();
  const { setTimeout, setInterval, clearInterval, clearTimeout } = from;
  const setImmediate = optional(from, "setImmediate");
  return { setTimeout, setInterval, clearInterval, clearTimeout, setImmediate };
}

function timersOf(): Timers {
  try {
    return (process?.getBuiltinModule?.("node:timers") as Timers | undefined) ?? platform;
  } catch {
    return platform; // a `process` that only looks like one
  }
}

/** Pages that are not isolated from other origins have no shared memory, and engines before 2024 no waitAsync. */
function takeWait(): Wait | null {
  const atomics: typeof Atomics & { readonly waitAsync?: WaitAsync } = Atomics;
  const Shared = optionalGlobal("SharedArrayBuffer") as SharedArrayBufferConstructor | undefined;
  const waitAsync = Shared === undefined ? undefined : optional(atomics, "waitAsync");
  return Shared === undefined || waitAsync === undefined ? null : { Shared, waitAsync, atomics };
}

/** Whether the runtime says what it collected: workerd does from the compatibility date 2025-05-05 on. */
export const canNotice: boolean = Registry !== undefined;

/** Calls `end` for what was registered and then collected; null where the runtime does not say. */
export function whenCollected<T>(end: (held: T) => void): FinalizationRegistry<T> | null {
  return Registry === undefined ? null : new Registry(end);
}

/** Milliseconds since some moment; it never goes back. */
export function monotonicNow(): number {
  clock ??= methodOf("performance", "now");
  return (clock as () => number)();
}

/** Milliseconds since 1970, which somebody may set. */
export function wallNow(): number {
  return wall();
}

/**
 * Fills `values`, at most 65,536 bytes of them, by `crypto.getRandomValues`.
 *
 * @throws {LetheError} `ERR_LETHE_UNAVAILABLE` when there is none, or when the system gives it no random bytes
 */
export function fillRandom<T extends ArrayBufferView>(values: T): T {
  const fill = takeGenerator();
  if (fill === null) throw noRandom("this platform has no crypto.getRandomValues");
  try {
    return fill(values) as T;
  } catch (error) {
    // workerd's error has no code, and Node's has one.
    const reason = errorCode(error) ?? "without a code; workerd allows it only inside a handler";
    throw noRandom(`crypto.getRandomValues failed (${reason})`);
  }
}

function noRandom(reason: string): LetheError {
  return new LetheError("ERR_LETHE_UNAVAILABLE", `Cannot make random bytes: ${reason}`);
}

/** Whether views can be detached here without a copy of their bytes. */
export const canTransfer: boolean = typeof transfer === "function";

/** `buffer.transfer(byteLength)`: every older view has length 0 then. */
export function transferBuffer(buffer: ArrayBuffer, byteLength?: number): ArrayBuffer {
  const method = transfer as ArrayBuffer["transfer"];
  return Reflect.apply(method, buffer, byteLength === undefined ? [] : [byteLength]);
}

/**
 * Calls `task` once: when `start` calls what it is given, or after `milliseconds` by a wait of Atomics,
 * whichever comes first. Tests fake no such wait, and Bun's fake timers, which stop the clock of the whole
 * thread under every timer, do not stop it. It does not keep the process alive.
 *
 * @param start starts a timer. @returns what stops it
 * @returns what stops both
 */
export function whicheverFirst(
  task: () => void,
  milliseconds: number,
  start: (ring: () => void) => () => void,
): () => void {
  let over = false;
  const ring = (): void => {
    if (over) return;
    stop();
    task();
  };
  const stopTimer = start(ring);
  const stopWait = wait(ring, milliseconds);
  function stop(): void {
    over = true;
    stopTimer();
    stopWait?.();
  }
  return stop;
}

function wait(ring: () => void, milliseconds: number): (() => void) | null {
  if (waiting === null) return null;
  const { Shared, atomics, waitAsync } = waiting;
  const word = new Int32Array(new Shared(4));
  const { value } = Reflect.apply(waitAsync, atomics, [word, 0, 0, milliseconds]);
  if (typeof value !== "string") void afterwards(value, ring);
  return () => void atomics.notify(word, 0);
}

/**
 * Calls `task` when a promise was kept. By `await`, which asks no `then` of `Promise.prototype`: a program may
 * have replaced that one.
 */
export async function afterwards(promise: Promise<unknown>, task: () => void): Promise<void> {
  await promise;
  task();
}

/** Resolves in a later turn of the event loop, when others had theirs. */
export function laterTurn(): Promise<void> {
  return new Promise((resolve) => {
    whicheverFirst(resolve, 1, (ring) => {
      const { setImmediate, setTimeout } = timers;
      if (setImmediate === undefined) setTimeout(ring, 0);
      else setImmediate(ring);
      return () => undefined;
    });
  });
}

/**
 * Calls `task` again and again without keeping the process alive.
 *
 * @returns what stops it, or null where there are no timers now (a worker outside of a request)
 */
export type Repeat = (task: () => void, milliseconds: number) => (() => void) | null;

/** {@link Repeat} by the platform's own timers. */
export const repeat: Repeat = (task, milliseconds) => {
  try {
    const { setInterval, clearInterval } = timers;
    const timer = setInterval(task, milliseconds);
    letGo(timer);
    return () => clearInterval(timer);
  } catch {
    return null;
  }
};

/**
 * Calls `task` once, after `milliseconds`, at most 2^31 - 1 of them.
 *
 * @param holds whether the process stays alive for it; fake timers of a test do not stop it then
 * @returns what stops it, or null where there are no timers now (a worker outside of a request)
 */
export function later(task: () => void, milliseconds: number, holds: boolean): (() => void) | null {
  const start = (ring: () => void): (() => void) => {
    const { setTimeout, clearTimeout } = timers;
    const timer = setTimeout(ring, milliseconds);
    if (!holds) letGo(timer);
    return () => clearTimeout(timer);
  };
  try {
    return holds ? whicheverFirst(task, milliseconds, start) : start(task);
  } catch {
    return null;
  }
}

/**
 * Lets the process end although a timer runs. Node and Bun give an object; Deno may give a number, which
 * its own function takes; browsers have nothing to keep alive.
 */
function letGo(timer: Timer): void {
  if (typeof timer === "object") timer.unref?.();
  else Deno?.unrefTimer?.(timer);
}
