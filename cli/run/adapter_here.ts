import type { OpenKernelKeyring, OpenSecretService } from "../../features/keyrings/mod.ts";
import type { Ffi } from "../../system/ffi.ts";

/** Keyrings of the system, as the runtime reaches them. */
export interface KeyringsHere {
  readonly openKernelKeyring: OpenKernelKeyring;
  readonly openSecretService: OpenSecretService;
}

/** Those of the runtime that this runs on, loaded by what needs one. */
export async function keyringsHere(): Promise<KeyringsHere> {
  if ("Deno" in globalThis) return await import("../../adapters/deno/keyrings.ts");
  if ("Bun" in globalThis) return await import("../../adapters/bun/keyrings.ts");
  return await import("../../adapters/node/keyrings.ts");
}

/** @throws {LetheError} `ERR_LETHE_UNAVAILABLE` where there is none */
export async function ffiHere(): Promise<Ffi> {
  if ("Deno" in globalThis) return (await import("../../adapters/deno/ffi.ts")).denoFfi();
  if ("Bun" in globalThis) return (await import("../../adapters/bun/ffi.ts")).bunFfi();
  return (await import("../../adapters/node/ffi.ts")).anyFfi();
}
