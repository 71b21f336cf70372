import { Buffer } from "node:buffer";
import * as node from "node:crypto";
import { sshPublicBlob, sshString, u32 } from "../../../features/keys/ssh.ts";
import { message, text } from "./messages.ts";

/** A new Ed25519 key as a client of an agent sends it. */
export class ClientKey {
  readonly blob: Uint8Array;
  /** The private half. */
  readonly seed: Uint8Array<ArrayBuffer>;
  /** Its fields in a request to add it. */
  readonly fields: readonly (Uint8Array | readonly number[])[];

  constructor(comment: string = "a key") {
    const { privateKey } = node.generateKeyPairSync("ed25519");
    const { d = "", x = "" } = privateKey.export({ format: "jwk" });
    const [seed, point] = [d, x].map((part) => Buffer.from(part, "base64url")) as [Buffer, Buffer];
    this.blob = blobOf(point);
    this.seed = Uint8Array.from(seed);
    this.fields = [
      ...text("ssh-ed25519"),
      ...sshString(point),
      ...sshString(Buffer.concat([seed, point])),
      ...text(comment),
    ];
  }

  /** A request to add it. */
  get adding(): Uint8Array {
    return message(17, ...this.fields);
  }
}

/** An Ed25519 key on the wire. */
export function blobOf(publicKey: Uint8Array): Uint8Array {
  return sshPublicBlob("ed25519", Uint8Array.from(publicKey)) as Uint8Array;
}

/** A request to sign with an Ed25519 key. */
export function signing(blob: Uint8Array, data: Uint8Array | string = "data"): Uint8Array {
  const bytes = typeof data === "string" ? Buffer.from(data) : data;
  return message(13, ...sshString(blob), ...sshString(bytes), u32(0));
}

/** A request to lock (22) or to unlock (23). */
export function passphrase(type: 22 | 23, value: string): Uint8Array {
  return message(type, ...text(value));
}

/** A host that binds SSH connections to an agent's, by `session-bind@openssh.com`. */
export class Host {
  readonly #pair = node.generateKeyPairSync("ed25519");
  readonly blob: Uint8Array;

  constructor() {
    const { x = "" } = this.#pair.publicKey.export({ format: "jwk" });
    this.blob = blobOf(Buffer.from(x, "base64url"));
  }

  get fingerprint(): string {
    const digest = node.createHash("sha256").update(this.blob).digest("base64");
    return `SHA256:${digest.replace(/=+$/, "")}`;
  }

  /**
   * @param signed what the host signs; another one than `id` is not proof
   * @param shown its key, or a certificate of that
   */
  binding(
    id: string,
    isForwarding: boolean,
    signed: string = id,
    shown: Uint8Array = this.blob,
  ): Uint8Array {
    const signature = node.sign(null, Buffer.from(signed), this.#pair.privateKey);
    const whole = [...text("ssh-ed25519"), ...sshString(signature)].map((part) =>
      Buffer.from(part),
    );
    return message(
      27,
      ...text("session-bind@openssh.com"),
      ...sshString(shown),
      ...text(id),
      ...sshString(Buffer.concat(whole)),
      [isForwarding ? 1 : 0],
    );
  }
}
