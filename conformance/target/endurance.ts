import type { SecretBuffer, Secrets } from "../../core/mod.ts";
import type { TargetExhausted } from "./requests.ts";

/** Makes and destroys `count` secrets, one after the other, without a turn of the event loop. */
export function churn(secrets: Secrets, count: number, byteLength: number): null {
  for (let made = 0; made < count; made++) {
    const secret = secrets.allocate(byteLength);
    secret.modify((bytes) => bytes.fill(made & 0xff));
    secret.destroy();
  }
  return null;
}

/** Makes secrets until one is refused, then looks at, and destroys, all that were made. */
export async function exhaust(secrets: Secrets, count: number): Promise<TargetExhausted> {
  const made: SecretBuffer[] = [];
  let refusal: { name?: string; code?: string; message?: string } | null = null;
  try {
    while (made.length < count) {
      const secret = secrets.allocate(32);
      made.push(secret);
      secret.modify((bytes) => stamp(bytes, made.length));
    }
  } catch (error) {
    refusal = error as Error;
  }
  const intact = made.filter((secret, index) =>
    secret.expose((bytes) => stamped(bytes, index + 1)),
  ).length;
  for (const secret of made) secret.destroy();
  // What is given back late is given back by now.
  await new Promise((resolve) => setTimeout(resolve, 50));
  return {
    made: made.length,
    name: refusal?.name ?? null,
    code: refusal?.code ?? null,
    message: refusal?.message ?? "",
    intact,
    again: refusalOf(secrets, 32) ?? refusalOf(secrets, LARGE_BYTES),
  };
}

/** More than fits where one of 32 bytes lay. */
const LARGE_BYTES = 65_536;

function refusalOf(secrets: Secrets, byteLength: number): string | null {
  try {
    secrets.allocate(byteLength).destroy();
    return null;
  } catch (error) {
    return `${byteLength} bytes: ${(error as Error).message}`;
  }
}

function stamp(bytes: Uint8Array, number: number): void {
  for (let at = 0; at < bytes.length; at++) bytes[at] = (number >> ((at & 3) * 8)) & 0xff;
}

function stamped(bytes: Uint8Array, number: number): boolean {
  return bytes.every((byte, at) => byte === ((number >> ((at & 3) * 8)) & 0xff));
}
