import type { OperationName } from "./operations.ts";

/** How the held secrets end. */
export type TargetEnding = "destroy" | "destroy inside" | "throw and destroy" | "purge" | "dispose";

/** How the target kills itself, each a step whose survival is the failure. */
export type TargetMisdeed =
  | "touch at rest"
  | "write while exposed"
  | "modify when frozen"
  | "use after destroy";

/** How a program can end by itself. */
export type Way =
  | "return"
  | "process.exit"
  | "uncaught exception"
  | "unhandled rejection"
  | "SIGTERM"
  | "SIGINT"
  | "SIGHUP";

/** Every {@link Way}, each of which a program can observe. */
export const WAYS: readonly Way[] = [
  "return",
  "process.exit",
  "uncaught exception",
  "unhandled rejection",
  "SIGTERM",
  "SIGINT",
  "SIGHUP",
];

/**
 * What the suite asks of a target, one JSON object a line. No request and no reply holds secret
 * bytes: a secret is derived from its seed on either side, or sent masked.
 */
export type TargetRequest =
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
  | { readonly do: "end"; readonly how: TargetEnding; readonly only?: "first" }
  | { readonly do: "collect" }
  /** Lets go of every held secret without destroying it, and waits for the collector. */
  | { readonly do: "drop"; readonly milliseconds: number }
  /** Makes and destroys secrets without a turn of the event loop. */
  | { readonly do: "churn"; readonly count: number; readonly byteLength: number }
  | { readonly do: "exhaust"; readonly count: number }
  /** Writes the held secret to the console in every state. */
  | { readonly do: "print" }
  | { readonly do: "commit"; readonly misdeed: TargetMisdeed }
  /** Ends by itself; for a signal it waits in the event loop, where handlers run. No reply. */
  | { readonly do: "exit"; readonly way: Way }
  /** The processes that hold the secrets of an isolated memory. */
  | { readonly do: "holders" }
  | { readonly do: "reset" };

/** What a target says of itself. */
export interface TargetHello {
  /** The id of its process. */
  readonly pid: number;
  /** Name and version of its runtime. */
  readonly runtime: string;
  /** The memory that it opened. */
  readonly memory: string;
  /** Whether `onMisuse: "crash"` can end this process. */
  readonly aborts: boolean;
  /** Whether a collection can be forced. */
  readonly collects: boolean;
}

/** The reply to `hold`. */
export interface TargetHeld {
  /** Live secrets that the operation left. */
  readonly secrets: number;
  /** How many of them say that they are locked. */
  readonly locked: number;
  /** A random secret in hexadecimal, masked with the pad of the request's seed. */
  readonly masked?: string;
}

/** The reply to `exhaust`. */
export interface TargetExhausted {
  /** Secrets that were made before one was refused. */
  readonly made: number;
  /** Name and code of the refusal, or null when there was none. */
  readonly name: string | null;
  /** Its stable code. */
  readonly code: string | null;
  /** Its message. */
  readonly message: string;
  /** Secrets that still held their own bytes afterwards. */
  readonly intact: number;
  /** Why none could be made once all were destroyed, or null when it could. */
  readonly again: string | null;
}

/** The reply to each request. */
export interface TargetReplies {
  /** What the target says of itself. */
  readonly hello: TargetHello;
  /** What the operation left. */
  readonly hold: TargetHeld;
  /** Done. */
  readonly control: null;
  /** Done. */
  readonly use: null;
  /** The scope is open. */
  readonly enter: null;
  /** The scope is closed. */
  readonly leave: null;
  /** The bytes of the secret, in hexadecimal, under the pad of the request. */
  readonly reveal: string;
  /** Done. */
  readonly end: null;
  /** A collection was forced. */
  readonly collect: null;
  /** How many secrets were let go, and how many of them the collector took. */
  readonly drop: { readonly dropped: number; readonly collected: number };
  /** Done. */
  readonly churn: null;
  /** How the memory ran out. */
  readonly exhaust: TargetExhausted;
  /** Done. */
  readonly print: null;
  /** Only where the misdeed did not kill the target: which, and a byte that it saw. */
  readonly commit: { readonly survived: TargetMisdeed; readonly seen: number };
  /** Never: the target ends. */
  readonly exit: null;
  /** The ids of the processes. */
  readonly holders: readonly number[];
  /** Nothing is held any more. */
  readonly reset: null;
}

/** A reply as it travels: the value, or what went wrong in the target. */
export type TargetAnswer = { readonly value: unknown } | { readonly error: string };
