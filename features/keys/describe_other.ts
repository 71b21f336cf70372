import { LetheError } from "../../core/contract/errors.ts";
import { ascii, carriesMagic, hasAt } from "../../core/sealed_key_mark.ts";
import type { View } from "./bytes.ts";
import { unsupported, wrongFormat } from "./refusal.ts";

/** Where text begins: behind a byte order mark and white space. */
export function textStart(bytes: View): number {
  let start = hasAt(bytes, 0, [0xef, 0xbb, 0xbf]) ? 3 : 0;
  while (start < bytes.length && WHITE.includes(bytes[start] as number)) start += 1;
  return start;
}

const WHITE = ascii(" \t\r\n");
const PUBLIC = ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"].map(ascii);
const WIDE_MARKS = [
  [0xff, 0xfe],
  [0xfe, 0xff],
];

/** The error for bytes of no form that is read: what they are, if that can be told, and the way on. */
export function describeOther(bytes: View, start: number): LetheError {
  if (carriesMagic(bytes)) {
    return wrongFormat(
      "it is a sealed key file of Lethe; read it with openKeyFiles(secrets).read() and its passphrase, or write it out with lethe key export",
    );
  }
  if (PUBLIC.some((begin) => hasAt(bytes, start, begin))) {
    return wrongFormat(
      "it is a public key of SSH; read it with parsePublicKey() or lethe key public",
    );
  }
  if (hasAt(bytes, start, ascii("PuTTY-User-Key-File-"))) {
    return unsupported("it is a key of PuTTY", "convert it with puttygen -O private-openssh");
  }
  if (WIDE_MARKS.some((mark) => hasAt(bytes, 0, mark))) {
    return wrongFormat("it is text in UTF-16; convert it with iconv -f UTF-16 -t UTF-8");
  }
  const raw = bytes.length === 32 || bytes.length === 64;
  if (bytes[0] === 0x30 && bytes.length > 16 && !raw) {
    return new LetheError(
      "ERR_LETHE_KEY_DAMAGED",
      "Cannot parse key: it begins like DER and is none, or something follows it, so the key was cut or altered; restore it, or export it again from where it came",
    );
  }
  return wrongFormat(
    `it is not a key in PEM, DER, OpenSSH's form or JSON; ${raw ? 'if it is the key itself, say so with raw: "ed25519" or raw: "x25519", or by lethe key --raw' : "correct the path, or convert the key"}`,
  );
}
