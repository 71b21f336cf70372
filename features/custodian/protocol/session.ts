import { outOfRange, wrongType } from "../../../core/arguments/argument_error.ts";
import { KEY_BYTES, NONCE_BYTES, TAG_BYTES } from "../../../core/contract/sizes.ts";
import { freshOf } from "../../../core/fresh.ts";
import { LetheError, offHeapBytes } from "../../../core/mod.ts";
import { makeNonce } from "../../crypto/nonce.ts";
import { Agreement, GREETING_BYTES, type Role } from "./agreement.ts";
import type { ChannelContext } from "./channel_context.ts";
import { channelError } from "./channel_error.ts";
import { type Frame, FrameReader, partOf, saltOf, writePrefix } from "./frame_reader.ts";
import {
  LAST_COUNTER,
  MAX_META,
  MAX_SECRET,
  PREFIX_BYTES,
  SALT_BYTES,
  SESSION_KEY_BYTES,
} from "./limits.ts";
import { Salts } from "./salts.ts";
import { SharedRegion } from "./shared_region.ts";

/** A secret that arrived, still sealed. */
export interface Arrival {
  readonly byteLength: number;
  /**
   * Opens it straight into `bytes`, which are secret memory of exactly that length. Once, and only
   * during the call that delivered it.
   *
   * @throws {LetheError} `ERR_LETHE_CHANNEL` when it is not authentic; `bytes` are zero then, and the
   * session has ended
   */
  openInto(bytes: Uint8Array): void;
}

/** Takes a message; `meta` is overwritten by the next one. What it throws ends the session. */
export type Deliver = (meta: Uint8Array, secret: Arrival | null) => void;

/**
 * One end of the sealed channel. No input and no output: bytes go in, bytes come out.
 *
 * - SESSION-1: a message has a public part and perhaps a secret; the public part is opened into ordinary
 *   memory, the secret only straight into secret memory, and both are sealed from where they lie
 * - SESSION-2: each part has its own nonce, made of the frame's number, the part's and a salt. A frame that
 *   is missing, repeated, moved or mixed from two opens nowhere. The salt is made for the frame
 *   and stands in it: two continuations of one image of this process are at the same number
 * - SESSION-3: the first byte that an honest peer would not have sent ends the session: the keys are
 *   destroyed, and everything after it is `ERR_LETHE_CHANNEL`
 * - SESSION-4: keys lie in secret memory, and are open only while frames are sealed, opened or, in the
 *   custodian, answered
 *
 * It hides the content, not the length, the number or the time of messages. It does not hold off one
 * who can take the descriptor *and* stand in the middle from the first byte: who can do that can read
 * the memory of either process.
 */
export class ChannelSession {
  readonly #context: ChannelContext;
  readonly #agreement: Agreement;
  readonly #region: SharedRegion;
  readonly #shared: boolean;
  readonly #reader = new FrameReader();
  readonly #nonce = offHeapBytes(NONCE_BYTES);
  readonly #salts: Salts;
  #meta = offHeapBytes(1024);
  #greeted: Uint8Array<ArrayBuffer> | null = offHeapBytes(GREETING_BYTES);
  #greetedBytes = 0;
  #sent = 0;
  #received = 0;
  #ended = false;

  /**
   * @param region begins with {@link SESSION_KEY_BYTES} for the keys, and is destroyed with them; without
   * it they have one of their own, which is never written again
   */
  constructor(role: Role, context: ChannelContext, region?: SharedRegion) {
    this.#context = context;
    this.#salts = new Salts(freshOf(context.secrets));
    this.#shared = region !== undefined;
    this.#region = region ?? new SharedRegion(context.secrets, SESSION_KEY_BYTES);
    this.#agreement = new Agreement(role, context);
  }

  /** What has to be sent first. */
  get greeting(): Uint8Array {
    return this.#agreement.greeting;
  }

  get state(): "greeting" | "open" | "ended" {
    if (this.#ended) return "ended";
    return this.#greeted === null ? "open" : "greeting";
  }

  /** Runs `use` with the keys open, for several messages at a time. */
  batch<T>(use: () => T): T {
    return this.#region.open(use);
  }

  /**
   * Takes what came, and delivers each message that is complete.
   *
   * @throws {LetheError} `ERR_LETHE_CHANNEL`, and whatever `deliver` throws; the session has ended then
   */
  receive(chunk: Uint8Array, deliver: Deliver): void {
    if (this.#ended) throw over();
    try {
      const rest = this.#greeted === null ? chunk : this.#greet(chunk, this.#greeted);
      if (rest.length === 0) return;
      this.#region.open(() => {
        const key = this.#region.part(KEY_BYTES, KEY_BYTES);
        this.#reader.push(rest, (frame) => this.#open(frame, key, deliver));
      });
    } catch (error) {
      this.end();
      throw error;
    }
  }

  /**
   * One frame with `meta` and, from secret memory inside a scope of the caller, `secret`.
   *
   * @param room gives the bytes of the frame, which are written at once
   * @throws {RangeError} beyond {@link MAX_META} or {@link MAX_SECRET}
   * @throws {LetheError} `ERR_LETHE_CHANNEL` when there is no session
   */
  seal(
    meta: Uint8Array,
    secret: Uint8Array | null,
    room: (byteLength: number) => Uint8Array = offHeapBytes,
  ): Uint8Array {
    checkLength("message", meta.length, MAX_META);
    if (secret !== null) checkLength("secret", secret.length, MAX_SECRET);
    if (this.#ended) throw over();
    if (this.#greeted !== null) throw channelError("the peer has not greeted");
    return this.#region.open(() => {
      const key = this.#region.part(0, KEY_BYTES);
      const split = PREFIX_BYTES + meta.length + TAG_BYTES;
      // Before the number: without room there is no frame, and the next one has that number.
      const frame = room(secret === null ? split : split + secret.length + TAG_BYTES);
      const number = this.#next("sent");
      writePrefix(frame, meta.length, secret?.length ?? 0);
      const prefix = partOf(frame, 0, PREFIX_BYTES);
      const { engine } = this.#context;
      const publicPart = partOf(frame, PREFIX_BYTES, split);
      const salt = saltOf(frame);
      const longest = Math.max(meta.length, secret?.length ?? 0);
      const fresh = this.#salts.of(this.#region.openings, longest);
      if (secret === null) makeNonce(salt, fresh, engine, key, meta);
      else makeNonce(salt, fresh, engine, key, meta, secret);
      engine.aeadSeal(publicPart, meta, prefix, this.#nonceOf(number, 0, prefix), key);
      if (secret === null) return frame;
      const secretPart = partOf(frame, split, frame.length);
      engine.aeadSeal(secretPart, secret, prefix, this.#nonceOf(number, 1, prefix), key);
      return frame;
    });
  }

  /** Destroys the keys. Idempotent. */
  end(): void {
    this.#ended = true;
    this.#agreement.destroy();
    this.#region.destroy();
  }

  /** Collects the other side's greeting, and gives back what follows it. */
  #greet(chunk: Uint8Array, greeted: Uint8Array): Uint8Array {
    const taken = chunk.subarray(0, GREETING_BYTES - this.#greetedBytes);
    greeted.set(taken, this.#greetedBytes);
    this.#greetedBytes += taken.length;
    if (this.#greetedBytes === GREETING_BYTES) {
      this.#agreement.finish(greeted, this.#region);
      if (!this.#shared) this.#region.freeze();
      this.#greeted = null;
    }
    return chunk.subarray(taken.length);
  }

  #open({ prefix, meta, secret }: Frame, key: Uint8Array, deliver: Deliver): void {
    if (this.#ended) return; // by what was delivered before: nothing after that is read
    const number = this.#next("received");
    const opened = this.#metaOf(meta.length - TAG_BYTES);
    this.#unseal(opened, meta, prefix, number, 0, key);
    if (secret === null) {
      deliver(opened, null);
      return;
    }
    let deliverable = true;
    deliver(opened, {
      byteLength: secret.length - TAG_BYTES,
      openInto: (bytes) => {
        if (!deliverable) throw wrongType("Cannot open arrival as it is no longer there");
        deliverable = false;
        this.#unseal(bytes, secret, prefix, number, 1, key);
      },
    });
    deliverable = false;
  }

  /** Room for a public part, which is not a secret: kept, and as large as the largest so far. */
  #metaOf(byteLength: number): Uint8Array {
    if (byteLength > this.#meta.length) this.#meta = offHeapBytes(byteLength);
    return partOf(this.#meta, 0, byteLength);
  }

  #unseal(
    bytes: Uint8Array,
    sealed: Uint8Array,
    prefix: Uint8Array,
    number: number,
    part: 0 | 1,
    key: Uint8Array,
  ): void {
    this.#region.assertLive();
    const nonce = this.#nonceOf(number, part, prefix);
    if (this.#context.engine.aeadUnseal(bytes, sealed, prefix, nonce, key)) return;
    this.end();
    throw channelError("a frame is not authentic, or not the next one");
  }

  #next(way: "sent" | "received"): number {
    const number = way === "sent" ? this.#sent++ : this.#received++;
    if (number < LAST_COUNTER) return number;
    throw channelError("its counter has come to its end");
  }

  #nonceOf(number: number, part: 0 | 1, prefix: Uint8Array): Uint8Array {
    let rest = number;
    for (let index = 0; index < 6; index++) {
      this.#nonce[index] = rest & 255;
      rest = Math.floor(rest / 256);
    }
    this.#nonce[6] = part;
    for (let at = 1; at <= SALT_BYTES; at++) {
      this.#nonce[NONCE_BYTES - at] = prefix[PREFIX_BYTES - at] as number;
    }
    return this.#nonce;
  }
}

function over(): LetheError {
  return new LetheError("ERR_LETHE_CHANNEL", "Cannot use channel: its session has ended");
}

function checkLength(what: string, length: number, most: number): void {
  if (length >= 1 && length <= most) return;
  throw outOfRange(`Cannot send ${what} as it must have from 1 to ${most} bytes`);
}
