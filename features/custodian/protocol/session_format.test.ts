import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { x25519 } from "@noble/curves/ed25519.js";
import { blake2b } from "@noble/hashes/blake2.js";
import { expect, it } from "vitest";
import { joined } from "../../../testing/features/custodian/joined.ts";
import { openTools, receiveAll } from "../../../testing/features/custodian/pair.ts";
import { PREFIX_BYTES } from "./limits.ts";
import { ChannelSession } from "./session.ts";

const MAGIC = new TextEncoder().encode("Lethe c2");
const SECRET_KEY = new Uint8Array(32).map((_, at) => at + 1);
const META = Uint8Array.of(1, 2, 3);
const SECRET = Uint8Array.of(9, 8, 7, 6);

/** What a custodian computes that is written by the description of the channel alone. */
class OtherCustodian {
  readonly greeting = joined([MAGIC, x25519.getPublicKey(SECRET_KEY)]);
  readonly #inward: Uint8Array;
  readonly #outward: Uint8Array;

  constructor(application: Uint8Array) {
    const key = x25519.getSharedSecret(SECRET_KEY, application.subarray(8));
    const derive = (direction: number): Uint8Array =>
      blake2b(joined([Uint8Array.of(direction), application, this.greeting]), { key, dkLen: 32 });
    this.#inward = derive(1);
    this.#outward = derive(2);
  }

  #nonce(number: number, part: number, salt: Uint8Array): Uint8Array {
    const nonce = new Uint8Array(24);
    new DataView(nonce.buffer).setUint32(0, number, true);
    nonce[6] = part;
    nonce.set(salt, 8);
    return nonce;
  }

  open(frame: Uint8Array, number: number): readonly Uint8Array[] {
    const prefix = frame.subarray(0, PREFIX_BYTES);
    const salt = prefix.subarray(8);
    const length = new DataView(frame.buffer, frame.byteOffset).getUint32(0) + 16;
    const parts = [frame.subarray(24, 24 + length), frame.subarray(24 + length)];
    return parts
      .filter((part) => part.length > 0)
      .map((part, index) =>
        xchacha20poly1305(this.#inward, this.#nonce(number, index, salt), prefix).decrypt(part),
      );
  }

  seal(number: number, meta: Uint8Array, secret: Uint8Array): Uint8Array {
    const prefix = new Uint8Array(PREFIX_BYTES).fill(number + 5);
    const view = new DataView(prefix.buffer);
    view.setUint32(0, meta.length);
    view.setUint32(4, secret.length);
    const seal = (bytes: Uint8Array, part: number): Uint8Array =>
      xchacha20poly1305(
        this.#outward,
        this.#nonce(number, part, prefix.subarray(8)),
        prefix,
      ).encrypt(bytes);
    return joined([prefix, seal(meta, 0), seal(secret, 1)]);
  }
}

it("another implementation opens every frame of a session, and its own are opened", () => {
  const context = openTools();
  const application = new ChannelSession("application", context);
  const other = new OtherCustodian(application.greeting.slice());
  expect(application.state).toBe("greeting");
  application.receive(other.greeting, () => undefined);
  expect(application.state).toBe("open");
  for (let number = 0; number < 258; number++) {
    const hasSecret = number % 2 === 0;
    const frame = application.seal(META, hasSecret ? SECRET : null);
    expect(other.open(frame, number)).toEqual(hasSecret ? [META, SECRET] : [META]);
  }
  for (const number of [0, 1, 2]) {
    expect(receiveAll(application, other.seal(number, META, SECRET), context)).toEqual([
      { meta: [...META], secret: [...SECRET] },
    ]);
  }
  application.end();
  expect([application.state, context.secrets.stats.live]).toEqual(["ended", 0]);
});

it("an arrival that is not authentic leaves zeros, and ends the session", () => {
  const context = openTools();
  const application = new ChannelSession("application", context);
  const other = new OtherCustodian(application.greeting.slice());
  application.receive(other.greeting, () => undefined);
  const frame = other.seal(0, META, SECRET);
  frame[frame.length - 1] = (frame.at(-1) as number) ^ 1;
  const bytes = new Uint8Array(4).fill(7);
  let length = 0;
  expect(() =>
    application.receive(frame, (_, arrival) => {
      length = arrival?.byteLength ?? 0;
      arrival?.openInto(bytes);
    }),
  ).toThrow(/is not authentic, or not the next one/);
  expect([length, [...bytes], application.state]).toEqual([4, [0, 0, 0, 0], "ended"]);
  expect(() => application.seal(META, null)).toThrow("Cannot use channel: its session has ended");
});

it("a greeting that comes in pieces, with a frame behind it, is taken apart", () => {
  const context = openTools();
  const application = new ChannelSession("application", context);
  const other = new OtherCustodian(application.greeting.slice());
  const input = joined([other.greeting, other.seal(0, META, SECRET)]);
  const got: unknown[] = [];
  for (const [from, to] of [
    [0, 7],
    [7, 39],
    [39, 50],
    [50, input.length],
  ] as const) {
    receiveAll(application, input.subarray(from, to), context, got as never);
  }
  expect(got).toEqual([{ meta: [...META], secret: [...SECRET] }]);
  expect(() => application.seal(new Uint8Array(0), null)).toThrow(
    /^Cannot send message as it must have from 1 to 98304 bytes$/,
  );
  expect(() => application.seal(META, new Uint8Array(0))).toThrow(
    /^Cannot send secret as it must have from 1 to 65536 bytes$/,
  );
});
