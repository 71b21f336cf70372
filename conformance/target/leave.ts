import { exit } from "./here.ts";
import type { Way } from "./requests.ts";

/** Ends the process in that way. It gives a promise that never settles, so that no reply is made. */
export function leave(way: Way): Promise<never> {
  const never = new Promise<never>(() => undefined);
  if (way === "process.exit") exit(0);
  if (way === "uncaught exception") setTimeout(fail, 1);
  if (way === "unhandled rejection") void Promise.reject(new Error("aside"));
  // The event loop goes on, as that of a server does, until the signal comes.
  if (way.startsWith("SIG")) setInterval(() => undefined, 1_000);
  return never;
}

function fail(): never {
  throw new Error("aside");
}
