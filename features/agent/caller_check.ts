import type { Ffi } from "../../system/ffi.ts";
import { openLibrary } from "../../system/libc.ts";
import type { AgentCaller } from "./agent.ts";

/** Finds who is at the other end of a socket by its descriptor; null when the kernel does not say. */
export type CallerOf = (descriptor: number) => AgentCaller | null;

const SIGNATURES = {
  getsockopt: { parameters: ["i32", "i32", "i32", "bytes", "bytes"], result: "i32" },
} as const;

const SOL_SOCKET = 1;
const SO_PEERCRED = 17;

/**
 * SO_PEERCRED of unix(7): process, user and group that connected.
 *
 * @returns or why it cannot be asked for here
 */
export function callerCheck(open: () => Ffi): CallerOf | { readonly notChecked: string } {
  try {
    const ffi = open();
    if (ffi.platform !== "linux") return { notChecked: `${ffi.platform} has no SO_PEERCRED` };
    const { getsockopt } = openLibrary(ffi, SIGNATURES);
    return (descriptor) => {
      const credentials = new Uint8Array(new ArrayBuffer(12));
      const length = new Uint8Array(new ArrayBuffer(4));
      const words = new DataView(credentials.buffer);
      new DataView(length.buffer).setUint32(0, credentials.length, true);
      const status = getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, credentials, length);
      if (status !== 0) return null;
      return { pid: words.getInt32(0, true), uid: words.getUint32(4, true) };
    };
  } catch (error) {
    return { notChecked: error instanceof Error ? error.message : "there is no FFI" };
  }
}
