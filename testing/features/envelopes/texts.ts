import type { SecretBuffer } from "../../../core/mod.ts";
import { copyOf } from "../../../features/envelopes/bytes.ts";

export const text = (value: string): Uint8Array<ArrayBuffer> => copyOf(Buffer.from(value));

export const textOf = (secret: SecretBuffer): string =>
  secret.expose((bytes) => Buffer.from(bytes).toString());

/** The code with which a promise rejects, or the name of an error that has none. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "none";
  } catch (error) {
    const { code, name } = error as { code?: string; name: string };
    return code ?? name;
  }
}
