import { codecFor } from "../../core/codec.ts";
import { LetheError } from "../../core/contract/errors.ts";
import { formatPublicKey, type PublicKey } from "../keys/mod.ts";
import { Hasher } from "../keys/primitives/hash.ts";
import { SHA256 } from "../keys/primitives/sha256.ts";
import { withWorkspace } from "../keys/primitives/workspace.ts";
import { fromBase64, toBase64, toBytes, toText } from "./base64.ts";
import { copyOf, type View, within } from "./bytes.ts";
import type { EnvelopeContext } from "./context.ts";

/** A public key as SSH has it. */
export interface SshPublicKey {
  /** `ssh-ed25519` or `ssh-rsa`. */
  readonly type: "ssh-ed25519" | "ssh-rsa";
  /** Its line, without a comment. */
  readonly line: string;
  /** Its encoding for the wire, which is hashed. */
  readonly wire: View;
  /**
   * The first four bytes of its SHA-256, as base64: a stanza says with it which key it is for. Whoever has the public key can
   * write it, into thousands of stanzas of one envelope: like age, an identity tries the first of them alone.
   */
  readonly tag: string;
  /** 32 bytes, or RSAPublicKey in DER. */
  readonly publicKey: View;
}

const TAG_BYTES = 4;
/** As OpenSSH and age have it: shorter keys are within reach. */
const LEAST_BITS = 2048;

/** @throws {LetheError} `ERR_LETHE_UNSUPPORTED` for another type, or an RSA key that is too short */
export function sshPublicKey(
  context: EnvelopeContext,
  key: Pick<PublicKey, "type" | "bits" | "publicKey">,
): SshPublicKey {
  const { type, publicKey } = key;
  if (type !== "ed25519" && type !== "rsa") {
    throw unsupported(`it is a key of type ${type}`, "only Ed25519 and RSA keys can be sealed to");
  }
  if (type === "rsa" && key.bits < LEAST_BITS) {
    throw unsupported(`it is an RSA key of ${key.bits} bits`, `use one of ${LEAST_BITS} or more`);
  }
  const bytes = formatPublicKey({ type, publicKey }, { format: "openssh" });
  const line = toText(bytes).trim();
  const base64 = toBytes(line.split(" ")[1] ?? "");
  const codec = codecFor("base64", "parse");
  const wire = new Uint8Array(new ArrayBuffer(codec.decodedLength(base64)));
  codec.decode(base64, wire);
  return {
    type: `ssh-${type}`,
    line,
    wire,
    tag: toBase64(within(sha256(context, wire), 0, TAG_BYTES)),
    publicKey: copyOf(publicKey),
  };
}

/** Whether it could be the tag of a key. */
export function isTag(text: string | undefined): boolean {
  return text !== undefined && fromBase64(toBytes(text))?.length === TAG_BYTES;
}

/** Of public bytes. */
function sha256({ secrets }: EnvelopeContext, bytes: View): View {
  return withWorkspace(secrets, Hasher.room(SHA256) + 64, (space) => {
    const hasher = new Hasher(SHA256, space);
    const hash = space.bytes(32);
    hasher.update(bytes);
    hasher.digest(hash);
    return copyOf(hash);
  });
}

function unsupported(what: string, remedy: string): LetheError {
  return new LetheError("ERR_LETHE_UNSUPPORTED", `Cannot use SSH key: ${what}; ${remedy}`);
}
