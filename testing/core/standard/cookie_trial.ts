import type { OpenSecrets, Secrets } from "../../../core/mod.ts";
import { simpleLender } from "./lenders.ts";
import { openCookie, type SecretInput, sealCookie } from "./sealed_cookies.ts";

/** What a trial came to, by what was tried. */
export type Told = Readonly<Record<string, string>>;

const PATTERN: readonly number[] = Array.from({ length: 32 }, (_, at) => at + 1);

/** What every place has to tell. */
export const EXPECTED: Told = {
  "a secret": "user=7",
  "plain bytes": "user=7",
  "a lender of ten lines": "user=7",
  "a secret made of that lender": "user=7",
  "a secret that was destroyed": "ERR_LETHE_DESTROYED",
  "another secret": "OperationError",
  live: "0",
};

/** Seals a cookie under one key, and opens it with the same key as each kind of input of that library. */
export async function cookieTrial(openSecrets: OpenSecrets): Promise<Told> {
  const secrets = openSecrets();
  const secret = secrets.land(32, (page) => page.set(PATTERN));
  const lender = simpleLender(Uint8Array.from(PATTERN));
  const cookie = await sealCookie(secret, "user=7");
  const told: Record<string, string> = {
    "a secret": await opened(secret, cookie),
    "plain bytes": await opened(Uint8Array.from(PATTERN), cookie),
    "a lender of ten lines": await opened(lender, cookie),
    "a secret made of that lender": await openedOnce(secrets, lender, cookie),
  };
  secret.destroy();
  told["a secret that was destroyed"] = await opened(secret, cookie);
  told["another secret"] = await openedOnce(secrets, new Uint8Array(32).fill(9), cookie);
  told["live"] = `${secrets.stats.live}`;
  return told;
}

/** What a cookie holds; or the code or the name of the error. */
export async function opened(secret: SecretInput, cookie: string): Promise<string> {
  try {
    return await openCookie(secret, cookie);
  } catch (error) {
    const { code, name } = error as { readonly code?: unknown; readonly name: string };
    return typeof code === "string" ? code : name;
  }
}

async function openedOnce(secrets: Secrets, input: SecretInput, cookie: string): Promise<string> {
  const copy = secrets.adopt(input);
  const said = await opened(copy, cookie);
  copy.destroy();
  return said;
}
