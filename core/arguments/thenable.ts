import { optional } from "./own.ts";

/** True for what `await` would wait for, unless it has its `then` from the root of every prototype chain. */
export function isThenable(value: unknown): boolean {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return false;
  return typeof optional(value as { readonly then?: unknown }, "then") === "function";
}
