/** Certificates of OpenSSH (PROTOCOL.certkeys), right and wrong, as bytes. */
import { Buffer } from "node:buffer";
import * as node from "node:crypto";
import { type Piece, sshString, u32 } from "../../../features/keys/ssh.ts";
import { blobOf, type ClientKey } from "./keys.ts";
import { message, text } from "./messages.ts";

const ED25519 = "ssh-ed25519-cert-v01@openssh.com";

/** What may be said otherwise than a right certificate says it. */
export interface Said {
  readonly name?: string;
  readonly kind?: number;
  readonly principals?: readonly Piece[];
  readonly options?: readonly Piece[];
  /** The key of the authority, on the wire. */
  readonly authority?: Uint8Array;
  readonly reserved?: readonly Piece[];
  /** Behind everything. */
  readonly more?: Uint8Array;
}

/** An authority that vouches for Ed25519 keys. */
export class Authority {
  readonly #pair = node.generateKeyPairSync("ed25519");
  readonly blob: Uint8Array;

  constructor() {
    const { x = "" } = this.#pair.publicKey.export({ format: "jwk" });
    this.blob = blobOf(Buffer.from(x, "base64url"));
  }

  /** @param blob an Ed25519 key on the wire */
  certify(blob: Uint8Array, said: Said = {}): Uint8Array {
    const signed = joined([
      ...text(said.name ?? ED25519),
      ...sshString(node.randomBytes(32)),
      ...sshString(blob.subarray(-32)),
      new Uint8Array(8),
      u32(said.kind ?? 1),
      ...text("a key"),
      ...sshString(joined(said.principals ?? text("root"))),
      new Uint8Array(8),
      new Uint8Array(8).fill(255),
      ...sshString(joined(said.options ?? [])),
      ...sshString(joined([...text("permit-pty"), ...text("")])),
      ...(said.reserved ?? text("")),
      ...sshString(said.authority ?? this.blob),
    ]);
    const signature = node.sign(null, signed, this.#pair.privateKey);
    const whole = joined([...text("ssh-ed25519"), ...sshString(signature)]);
    return joined([signed, ...sshString(whole), said.more ?? new Uint8Array(0)]);
  }
}

/** A request to add an Ed25519 key with a certificate, of that name, as `ssh-add` makes it. */
export function addingCertified(
  { fields }: ClientKey,
  certificate: Uint8Array,
  name: string = ED25519,
): Uint8Array {
  // Behind the name and its length.
  return message(17, ...text(name), ...sshString(certificate), ...fields.slice(2));
}

export function joined(pieces: readonly Piece[]): Uint8Array {
  return Buffer.concat(pieces.map((piece) => Buffer.from(piece)));
}
