import type { TargetAnswer } from "./requests.ts";

/** The answer with what a request gave. */
export function asValue(value: unknown): TargetAnswer {
  return { value };
}

/** The answer with what went wrong. Errors of Lethe hold no secret bytes. */
export function asError(error: unknown): TargetAnswer {
  const { name, code, message } = error as { name?: string; code?: string; message?: string };
  return { error: `${name}${code === undefined ? "" : ` ${code}`}: ${message}` };
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
