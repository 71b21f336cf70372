import { checkLive } from "../../../core/check_live.ts";
import { KEY_BYTES } from "../../../core/contract/sizes.ts";
import { offHeapBytes, type SecretBuffer } from "../../../core/mod.ts";
import type { ChannelContext } from "./channel_context.ts";
import { channelError } from "./channel_error.ts";
import type { SharedRegion } from "./shared_region.ts";

/** Which end of the channel this is. */
export type Role = "application" | "custodian";

/** First bytes of the first message of each side, and the version of what follows. */
const MAGIC: readonly number[] = [0x4c, 0x65, 0x74, 0x68, 0x65, 0x20, 0x63, 0x32]; // "Lethe c2"
export const GREETING_BYTES: number = MAGIC.length + KEY_BYTES;

/**
 * One key agreement over X25519 (RFC 7748), both sides with a key pair of this session alone.
 *
 * Each direction's key is BLAKE2b-256 (RFC 7693) keyed with the shared secret, over a label, the
 * direction and both greetings; so that a frame sent back to its sender opens nowhere, and both ends
 * have keys in common only when both saw the same greetings. There is no signature in it: the peer is
 * whoever holds the other end of the socket pair, which is the child that was started on it.
 */
export class Agreement {
  readonly greeting: Uint8Array<ArrayBuffer> = offHeapBytes(GREETING_BYTES);
  readonly #role: Role;
  readonly #context: ChannelContext;
  readonly #secretKey: SecretBuffer;

  constructor(role: Role, context: ChannelContext) {
    this.#role = role;
    this.#context = context;
    this.#secretKey = context.secrets.random(KEY_BYTES);
    this.greeting.set(MAGIC);
    const publicKey = this.greeting.subarray(MAGIC.length);
    this.#secretKey.expose((bytes) => context.engine.agreePublicKey(publicKey, bytes));
  }

  /**
   * Writes the keys of the session to the start of `region`: 32 bytes to seal with, then 32 to open with.
   *
   * @throws {LetheError} `ERR_LETHE_CHANNEL` when `other` is not a greeting
   */
  finish(other: Uint8Array, region: SharedRegion): void {
    const { engine, secrets } = this.#context;
    if (other.length !== GREETING_BYTES || MAGIC.some((byte, index) => other[index] !== byte)) {
      throw channelError("the peer does not greet as a custodian of this version does");
    }
    checkLive(this.#secretKey, "open channel");
    const shared = secrets.allocate(KEY_BYTES);
    try {
      const publicKey = other.subarray(MAGIC.length);
      const agreed = this.#secretKey.expose((secretKey) =>
        shared.modify((bytes) => engine.agree(bytes, secretKey, publicKey)),
      );
      if (!agreed) throw channelError("the peer's public key is of low order");
      this.#derive(shared, other, region);
    } finally {
      shared.destroy();
      this.destroy();
    }
  }

  destroy(): void {
    this.#secretKey.destroy();
  }

  #derive(shared: SecretBuffer, other: Uint8Array, region: SharedRegion): void {
    const { engine } = this.#context;
    const mine = this.#role === "application";
    const greetings = mine ? [this.greeting, other] : [other, this.greeting];
    const direction = (to: Role): Uint8Array => transcript(to, greetings);
    const [outward, inward] = mine
      ? [direction("custodian"), direction("application")]
      : [direction("application"), direction("custodian")];
    shared.expose((secret) =>
      region.open(() => {
        engine.keyedHash(region.part(0, KEY_BYTES), outward, secret);
        engine.keyedHash(region.part(KEY_BYTES, KEY_BYTES), inward, secret);
      }),
    );
  }
}

/** A byte for the direction (a label of fixed length is not needed for two), then both greetings. */
function transcript(to: Role, greetings: readonly Uint8Array[]): Uint8Array {
  const bytes = offHeapBytes(1 + 2 * GREETING_BYTES);
  bytes[0] = to === "custodian" ? 1 : 2;
  greetings.forEach((greeting, index) => {
    bytes.set(greeting, 1 + index * GREETING_BYTES);
  });
  return bytes;
}
