import { offHeapBytes, type SecretBuffer, type Secrets, wipeBytes } from "../../../core/mod.ts";
import { HEADER_BYTES, kindOfFrame, MAX_BODY, MAX_SECRET_BODY } from "./numbers.ts";

/** A whole message of a client. */
export type Frame =
  | { readonly kind: "public"; readonly type: number; readonly body: Uint8Array<ArrayBuffer> }
  /** Its body is the taker's to destroy; null when it is empty. */
  | { readonly kind: "secret"; readonly type: number; readonly body: SecretBuffer | null }
  /** Its body was read past and kept nowhere. */
  | { readonly kind: "unknown"; readonly type: number };

/** A frame that cannot be one, behind which nothing can be found any more. The connection ends. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

/**
 * Cuts what comes on a connection into frames, and says itself where each byte is to be put.
 *
 * - FRAME-1: bytes come to rest in the place that {@link AgentFrameReader.target} gives, which is secret memory, and
 *   are wiped there once they were taken: no other buffer holds a private key or a passphrase
 * - FRAME-2: it asks for no byte beyond the frame that is under way, so that nothing waits unread in it
 * - FRAME-3: it keeps at most one body, of at most {@link MAX_BODY} bytes, and allocates it when its number is
 *   known, a secret one in secret memory
 */
export class AgentFrameReader {
  readonly #landing: Uint8Array<ArrayBuffer>;
  readonly #secrets: Secrets;
  readonly #header: Uint8Array<ArrayBuffer> = offHeapBytes(HEADER_BYTES);
  #inHeader = 0;
  #inBody = 0;
  #length = 0;
  #body: Uint8Array<ArrayBuffer> | SecretBuffer | null = null;

  /** @param landing secret memory that nothing else uses, writable until {@link AgentFrameReader.end} */
  constructor(secrets: Secrets, landing: Uint8Array<ArrayBuffer>) {
    this.#secrets = secrets;
    this.#landing = landing;
  }

  /** Whether no part of a frame has come. */
  get isBetween(): boolean {
    return this.#inHeader === 0;
  }

  /** Where the next bytes are to be put: 1 or more, unless the memory was destroyed. */
  target(): Uint8Array<ArrayBuffer> {
    const { buffer, byteOffset, length } = this.#landing;
    const wanted =
      this.#inHeader < HEADER_BYTES ? HEADER_BYTES - this.#inHeader : this.#length - this.#inBody;
    return new Uint8Array(buffer, byteOffset, Math.min(wanted, length));
  }

  /**
   * Takes what was put there.
   *
   * @returns the frame that is whole with it, or null
   * @throws {FrameError} for a length that no frame has
   * @throws {LetheError} when there is no memory for a secret
   */
  advance(byteLength: number): Frame | null {
    const { buffer, byteOffset } = this.#landing;
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    try {
      if (this.#inHeader < HEADER_BYTES) {
        this.#header.set(bytes, this.#inHeader);
        this.#inHeader += byteLength;
        if (this.#inHeader < HEADER_BYTES) return null;
        this.#begin();
      } else {
        this.#take(bytes);
      }
    } finally {
      wipeBytes(bytes);
    }
    return this.#inBody === this.#length ? this.#finish() : null;
  }

  /** Destroys the part of a secret that has come. Nothing is read afterwards. */
  end(): void {
    const body = this.#body;
    this.#body = null;
    if (body !== null && !ArrayBuffer.isView(body)) body.destroy();
  }

  get #type(): number {
    return this.#header[4] as number;
  }

  #begin(): void {
    const [a, b, c, d] = this.#header as unknown as [number, number, number, number];
    const length = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
    const kind = kindOfFrame(this.#type);
    if (length < 1) throw new FrameError("Cannot read frame: it is empty");
    if (length - 1 > (kind === "secret" ? MAX_SECRET_BODY : MAX_BODY)) {
      throw new FrameError("Cannot read frame: it is too long");
    }
    this.#length = length - 1;
    this.#inBody = 0;
    if (this.#length === 0 || kind === "unknown") return;
    this.#body =
      kind === "secret" ? this.#secrets.allocate(this.#length) : offHeapBytes(this.#length);
  }

  #take(bytes: Uint8Array): void {
    const body = this.#body;
    const at = this.#inBody;
    this.#inBody += bytes.length;
    if (body === null) return;
    if (ArrayBuffer.isView(body)) body.set(bytes, at);
    else body.modify((target) => target.set(bytes, at));
  }

  #finish(): Frame {
    const [type, body] = [this.#type, this.#body];
    this.#body = null;
    this.#inHeader = 0;
    const kind = kindOfFrame(type);
    if (kind === "unknown") return { kind, type };
    if (kind === "public") return { kind, type, body: ArrayBuffer.isView(body) ? body : NOTHING };
    return { kind, type, body: ArrayBuffer.isView(body) ? null : body };
  }
}

const NOTHING: Uint8Array<ArrayBuffer> = offHeapBytes(1).subarray(0, 0);
