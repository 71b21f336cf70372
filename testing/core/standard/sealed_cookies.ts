/**
 * A library of others, as docs/standard.md has it: cookies that nobody but the server can read. It takes secrets of
 * whoever keeps the standard, and imports nothing: the two types are copied.
 */

interface StandardSecretV1 {
  readonly "~secret": {
    readonly version: 1;
    readonly vendor: string;
    readonly byteLength: number;
    readonly expose: <T>(use: (bytes: Uint8Array<ArrayBuffer>) => T) => T;
  };
}

export type SecretInput = Uint8Array | StandardSecretV1;

function useBytes<T>(secret: SecretInput, use: (bytes: Uint8Array<ArrayBuffer>) => T): T {
  const lender = (secret as Partial<StandardSecretV1>)["~secret"];
  return lender?.version === 1 ? lender.expose(use) : use(secret as Uint8Array<ArrayBuffer>);
}

/** WebCrypto copies the bytes before it returns its promise. */
async function keyOf(secret: SecretInput): Promise<CryptoKey> {
  return await useBytes(secret, (bytes) =>
    crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]),
  );
}

export async function sealCookie(secret: SecretInput, text: string): Promise<string> {
  const key = await keyOf(secret);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const plain = new TextEncoder().encode(text);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, plain);
  return btoa(String.fromCharCode(...iv, ...new Uint8Array(sealed)));
}

/** @throws {Error} for a cookie of another key */
export async function openCookie(secret: SecretInput, cookie: string): Promise<string> {
  const key = await keyOf(secret);
  const bytes = Uint8Array.from(atob(cookie), (character) => character.charCodeAt(0));
  const iv = bytes.subarray(0, 12);
  const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, bytes.subarray(12));
  return new TextDecoder().decode(plain);
}
