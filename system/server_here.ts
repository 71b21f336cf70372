import { optional, optionalGlobal } from "../core/arguments/own.ts";

/** A server runtime, whichever entry of Lethe a tool resolved for it. */
export type ServerKind = "node" | "deno" | "bun" | "edge";

interface Globals {
  readonly navigator?: { readonly userAgent?: unknown };
  readonly process?: { readonly versions?: Readonly<Record<string, unknown>> };
}

/**
 * The server runtime that this runs on, and its version; or null: a page, a worker of a page, workerd.
 *
 * Bundlers give pages a `process` of their own, which is an ordinary object. workerd has a true one, and a
 * user agent that tells.
 */
export function serverHere(): readonly [ServerKind, version: unknown] | null {
  const navigator = optionalGlobal("navigator") as Globals["navigator"];
  const process = optionalGlobal("process") as Globals["process"];
  if (navigator?.userAgent === "Cloudflare-Workers") return null;
  if (optionalGlobal("EdgeRuntime")) return ["edge", ""];
  if (Object.prototype.toString.call(process) !== "[object process]") return null;
  // Deno and Bun have the version of a Node as well.
  for (const kind of ["deno", "bun", "node"] as const) {
    const version = optional(process?.versions ?? {}, kind);
    if (version) return [kind, version];
  }
  return null;
}
