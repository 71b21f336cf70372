import type { OperationName } from "./operations.ts";

/** How the held secrets end. */
export type Ending = "destroy" | "destroy inside" | "throw and destroy" | "purge" | "dispose";

/** How the target kills itself, each a step whose survival is the failure. */
export type Misdeed =
  | "touch at rest"
  | "write while exposed"
  | "modify when frozen"
  | "use after destroy";

/** Ways in which a program ends that it can observe. */
export const WAYS = [
  "return",
  "process.exit",
  "uncaught exception",
  "unhandled rejection",
  "SIGTERM",
  "SIGINT",
  "SIGHUP",
] as const;
/** How a program can end by itself. */
export type Way = (typeof WAYS)[number];

/**
 * What the suite asks of a target, one JSON object a line. No request and no reply holds secret
 * bytes: a secret is derived from its seed on either side, or sent masked.
 */
export type Request =
  | { readonly do: "hello" }
  /** Makes secrets from `seed` by an operation, and holds them. */
  | {
      readonly do: "hold";
      readonly operation: OperationName;
      readonly seed: number;
      readonly byteLength: number;
    }
  /** Leaves a copy in ordinary memory that a look from outside must find, until `reset`. */
  | { readonly do: "control"; readonly seed: number; readonly byteLength: number }
  /** Opens a scope of every held secret, and closes it. */
  | { readonly do: "use" }
  /** Serves the requests up to `leave` inside a scope of the secret that was held last. */
  | { readonly do: "enter"; readonly scope: "expose" | "modify" }
  | { readonly do: "leave" }
  /** Reads the secret that was held last, and sends it under the pad of `seed`. */
  | { readonly do: "reveal"; readonly seed: number }
  /** Ends what is held, or only what was held first. */
  | { readonly do: "end"; readonly how: Ending; readonly only?: "first" }
  | { readonly do: "collect" }
  /** Lets go of every held secret without destroying it, and waits for the collector. */
  | { readonly do: "drop"; readonly milliseconds: number }
  /** Makes and destroys secrets without a turn of the event loop. */
  | { readonly do: "churn"; readonly count: number; readonly byteLength: number }
  | { readonly do: "exhaust"; readonly count: number }
  /** Writes the held secret to the console in every state. */
  | { readonly do: "print" }
  | { readonly do: "commit"; readonly misdeed: Misdeed }
  /** Ends by itself; for a signal it waits in the event loop, where handlers run. No reply. */
  | { readonly do: "exit"; readonly way: Way }
  /** The processes that hold the secrets of an isolated memory. */
  | { readonly do: "holders" }
  | { readonly do: "reset" };

/** What a target says of itself. */
export interface Hello {
  readonly pid: number;
  readonly runtime: string;
  readonly memory: string;
  /** Whether `onMisuse: "crash"` can end this process. */
  readonly aborts: boolean;
  /** Whether a collection can be forced. */
  readonly collects: boolean;
}

export interface Held {
  /** Live secrets that the operation left. */
  readonly secrets: number;
  /** How many of them say that they are locked. */
  readonly locked: number;
  /** A random secret in hexadecimal, masked with the pad of the request's seed. */
  readonly masked?: string;
}

export interface Exhausted {
  /** Secrets that were made before one was refused. */
  readonly made: number;
  /** Name and code of the refusal, or null when there was none. */
  readonly name: string | null;
  readonly code: string | null;
  readonly message: string;
  /** Secrets that still held their own bytes afterwards. */
  readonly intact: number;
  /** Why none could be made once all were destroyed, or null when it could. */
  readonly again: string | null;
}

/** The reply to each request. */
export interface Replies {
  readonly hello: Hello;
  readonly hold: Held;
  readonly control: null;
  readonly use: null;
  readonly enter: null;
  readonly leave: null;
  readonly reveal: string;
  readonly end: null;
  readonly collect: null;
  readonly drop: { readonly dropped: number; readonly collected: number };
  readonly churn: null;
  readonly exhaust: Exhausted;
  readonly print: null;
  readonly commit: { readonly survived: Misdeed; readonly seen: number };
  readonly exit: null;
  readonly holders: readonly number[];
  readonly reset: null;
}

/** A reply as it travels: the value, or what went wrong in the target. */
export type Answer = { readonly value: unknown } | { readonly error: string };
