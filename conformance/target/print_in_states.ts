import type { SecretBuffer } from "../../core/mod.ts";

/**
 * Writes a secret to standard error by every method of the console, in every state but `destroyed`.
 * A console that looks at closed pages kills the process here.
 */
export function printInStates(secret: SecretBuffer): null {
  const { console } = globalThis;
  const print = (): void => {
    console.error(secret);
    console.error("%o %O %s %j %d", secret, secret, secret, secret, secret);
    console.error({ nested: [secret, new Map([[secret, new Set([secret])]])] });
    console.warn(`${secret}`);
  };
  print();
  secret.expose(print);
  if (!secret.frozen) secret.modify(print);
  const copy = secret.clone();
  copy.destroy();
  console.error(copy);
  return null;
}
