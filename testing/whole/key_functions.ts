/** The functions of `lethe/keys`, as {@link Tried}. */
import { formatKey, formatPublicKey, parseKey, parsePublicKey } from "../../features/keys/mod.ts";
import type { Tried } from "./tried.ts";

const READ = ["passphrase", "raw", "keyId", "mostCost", "encrypted", "comment", "prefix"] as const;
const WRITTEN = ["format", "passphrase", "derivation", "cipher", "cost", "comment"] as const;
const seed = (): Uint8Array<ArrayBuffer> => new Uint8Array(32).fill(7);

/** Text of the bytes of a form that has nothing random in it. */
const text = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16)).join("");

export const KEY_FORMS: Readonly<Record<string, Tried>> = {
  parseKey: {
    names: READ,
    run({ secrets }) {
      const key = parseKey(secrets, seed(), { raw: "ed25519" });
      const written = (["pkcs8", "pkcs8-pem", "jwk", "seed"] as const).map((format) =>
        formatKey(secrets, key, { format }),
      );
      const again = written.slice(0, 3).map((form) => parseKey(secrets, form));
      const said = again.map(({ type, bits, encrypted, comment }) =>
        [type, bits, encrypted, comment].join(),
      );
      return [...written.map((form) => form.expose(text)), ...said].join(" ");
    },
  },
  formatKey: {
    names: WRITTEN,
    run({ secrets }) {
      const key = parseKey(secrets, seed(), { raw: "ed25519" });
      const passphrase = secrets.move(seed());
      const forms = [
        formatKey(secrets, key, { format: "pkcs8", passphrase, cost: 1000 }),
        formatKey(secrets, key, { format: "openssh", passphrase, cost: 1 }),
        formatKey(secrets, key, { format: "openssh" }),
      ];
      const [first, second] = forms.map((form, index) =>
        parseKey(secrets, form, index < 2 ? { passphrase } : {}),
      );
      return [forms.map(({ byteLength }) => byteLength), first?.format, second?.encrypted].join(
        " ",
      );
    },
  },
  "parsePublicKey, formatPublicKey": {
    names: ["raw", "keyId", "format", "comment", "publicKey"],
    run({ secrets }) {
      const key = parseKey(secrets, seed(), { raw: "ed25519" });
      const forms = (["spki", "spki-pem", "openssh", "jwk"] as const).map((format) =>
        formatPublicKey(key, { format }),
      );
      return forms.map((form) => `${text(form)} ${parsePublicKey(form).type}`).join(" ");
    },
  },
};
