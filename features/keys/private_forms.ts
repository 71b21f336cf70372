import { bare } from "../../core/arguments/own.ts";
import { LetheError } from "../../core/contract/errors.ts";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import { copyOf, type View, within } from "./bytes.ts";
import type { KeyContext } from "./context.ts";
import { derKind } from "./der_kind.ts";
import { describeOther, textStart } from "./describe_other.ts";
import { holdKey } from "./held_key.ts";
import { jwkMembers, keyIdOf, withJwk } from "./jwk.ts";
import type { PrivateKey, PrivateKeyFormat } from "./key.ts";
import type { Material } from "./material.ts";
import { parseOpenSsh, withOpenSsh } from "./openssh.ts";
import { type Bounds, checkDerivation, openPbes2, parsePbes2 } from "./pbes2.ts";
import { decodePem, hasPem, type PemBlock, PRIVATE_LABELS, pemBlocks } from "./pem.ts";
import { parsePkcs1 } from "./pkcs1.ts";
import { parsePkcs8 } from "./pkcs8.ts";
import { parseRaw } from "./raw.ts";
import {
  behindPassphrase,
  damaged,
  IS_PUBLIC,
  needsPassphrase,
  unsupported,
  wrongFormat,
} from "./refusal.ts";
import { parseSec1 } from "./sec1.ts";

/** What reading a private key needs. */
export interface Reading extends KeyContext {
  readonly passphrase: SecretBuffer | undefined;
  readonly raw: "ed25519" | "x25519" | undefined;
  readonly keyId: Uint8Array | undefined;
  readonly bounds: Bounds;
}

/** Where a key came from. */
interface Origin {
  readonly format: PrivateKeyFormat;
  readonly encrypted: boolean;
  readonly comment: View | null;
}

function plain(format: PrivateKeyFormat): Origin {
  return { format, encrypted: false, comment: null };
}

/** Reads a key whatever its form. */
export function parseForm(reading: Reading, bytes: View): PrivateKey {
  if (reading.raw !== undefined) {
    const { material, format } = parseRaw(bytes, reading.raw);
    return finish(reading, material, plain(format));
  }
  // First: to look for dashes in DER would tell which bytes of the key are dashes.
  if (derKind(bytes) !== null) return parseDer(reading, bytes, "");
  const start = textStart(bytes);
  if (bytes[start] === 0x7b) return parseJson(reading, within(bytes, start));
  if (hasPem(bytes)) return parsePem(reading, bytes);
  throw describeOther(bytes, start);
}

function finish(reading: Reading, material: Material, origin: Origin): PrivateKey {
  const { format, encrypted, comment } = origin;
  if (reading.passphrase !== undefined && !encrypted) {
    throw wrongFormat(
      "it is not encrypted, and a passphrase was given, so that somebody may have put it in the place of one that is; leave out passphrase if a plain key is meant",
    );
  }
  const held = holdKey(reading, material);
  return Object.freeze({ ...held, format, encrypted, comment });
}

function parseJson(reading: Reading, text: View): PrivateKey {
  const members = jwkMembers(text, reading.keyId);
  return withJwk(reading.secrets, members, (material) =>
    finish(reading, material, { ...plain("jwk"), comment: keyIdOf(members) }),
  );
}

function parsePem(reading: Reading, bytes: View): PrivateKey {
  const blocks = pemBlocks(bytes);
  const keys = blocks.filter(({ label }) =>
    (PRIVATE_LABELS as readonly (string | null)[]).includes(label),
  );
  const [block] = keys;
  if (block === undefined) {
    const isPublic = blocks.some(({ label }) => label !== null);
    throw wrongFormat(
      isPublic
        ? IS_PUBLIC
        : "its PEM has no private key (a certificate, or a key of another program); correct the path",
    );
  }
  if (keys.length > 1) {
    throw wrongFormat(
      `it has ${keys.length} private keys; write the one that is meant into a separate file`,
    );
  }
  const der = decodePem(reading.secrets, bytes, block);
  try {
    return der.expose((content) => parseBlock(reading, content as View, block));
  } finally {
    der.destroy();
  }
}

function parseBlock(reading: Reading, der: View, { label }: PemBlock): PrivateKey {
  if (label === "OPENSSH PRIVATE KEY") return parseSsh(reading, der);
  if (label === "DSA PRIVATE KEY") {
    throw unsupported("it is a DSA key", "make an Ed25519, EC or RSA key");
  }
  const kind = derKind(der);
  if (LABEL_KINDS[label ?? ""] === kind) return parseDer(reading, der, "-pem");
  const own = Object.keys(LABEL_KINDS).find((name) => LABEL_KINDS[name] === kind);
  if (own === undefined) throw damaged("its DER");
  throw new LetheError(
    "ERR_LETHE_KEY_DAMAGED",
    `Cannot parse key: its first line says ${label}, and what stands below is of the form ${own}; correct that word in its first and last line`,
  );
}

const LABEL_KINDS: Readonly<Record<string, string>> = bare({
  "PRIVATE KEY": "pkcs8",
  "ENCRYPTED PRIVATE KEY": "encrypted",
  "EC PRIVATE KEY": "sec1",
  "RSA PRIVATE KEY": "pkcs1",
});

function parseSsh(reading: Reading, bytes: View): PrivateKey {
  const file = parseOpenSsh(bytes);
  const { secrets, passphrase, bounds } = reading;
  return withOpenSsh(secrets, file, passphrase, bounds, ({ material, comment }) =>
    finish(reading, material, {
      format: "openssh",
      encrypted: file.encryption !== null,
      comment: comment.length === 0 ? null : copyOf(comment),
    }),
  );
}

function parseDer(reading: Reading, der: View, suffix: "" | "-pem"): PrivateKey {
  switch (derKind(der)) {
    case "pkcs8":
      return finish(reading, parsePkcs8(der), plain(`pkcs8${suffix}`));
    case "sec1":
      return finish(reading, parseSec1(der, null), plain(`sec1${suffix}`));
    case "pkcs1":
      return finish(reading, parsePkcs1(der), plain(`pkcs1${suffix}`));
    case "encrypted":
      return parseEncrypted(reading, der, suffix);
    case "public":
      throw wrongFormat(IS_PUBLIC);
    case "store":
      throw unsupported(
        "it is a PKCS#12 store",
        "take the key out of it with openssl pkcs12 -nocerts -in FILE -out NEW, and with -legacy -aes256 too where OpenSSL 3 refuses its old cipher",
      );
    default:
      throw damaged("its DER");
  }
}

function parseEncrypted(reading: Reading, der: View, suffix: "" | "-pem"): PrivateKey {
  const { secrets, passphrase, bounds } = reading;
  const pbes2 = parsePbes2(der);
  if (passphrase === undefined) throw needsPassphrase();
  checkDerivation(pbes2.derivation, bounds);
  const opened = openPbes2(secrets, pbes2, passphrase);
  try {
    return opened.expose((content) =>
      finish(
        reading,
        behindPassphrase(() => parsePkcs8(content as View)),
        {
          format: `pkcs8${suffix}`,
          encrypted: true,
          comment: null,
        },
      ),
    );
  } finally {
    opened.destroy();
  }
}
