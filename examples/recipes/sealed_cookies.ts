// A library that seals cookies. The application opens the memory and owns the key; the library only uses them.
import { openSecrets, type SecretBuffer, type Secrets } from "lethe";
import { openCrypto } from "lethe/crypto";

interface Cookies {
  seal(name: string, value: Uint8Array): string;
  unseal(name: string, cookie: string): SecretBuffer;
}

function openCookies(secrets: Secrets, key: SecretBuffer): Cookies {
  const crypto = openCrypto(secrets);
  const additional = (name: string): Uint8Array => new TextEncoder().encode(`cookie ${name}`);
  return {
    seal(name, value) {
      const sealed = crypto.encrypt(key, value, { additional: additional(name) });
      return Buffer.from(sealed).toString("base64url");
    },
    unseal(name, cookie) {
      const sealed = Buffer.from(cookie, "base64url");
      return crypto.decrypt(key, sealed, { additional: additional(name) }); // ERR_LETHE_FORGED
    },
  };
}

const secrets = openSecrets();
using key = secrets.random(32);
const cookies = openCookies(secrets, key);
const cookie = cookies.seal("session", new TextEncoder().encode("user=42"));
using session = cookies.unseal("session", cookie);
console.log(`${session}, ${cookie.length} characters`);
