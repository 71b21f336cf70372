import { describe, expect, it } from "vitest";
import { TAG_BYTES } from "../../../core/contract/sizes.ts";
import { LetheError } from "../../../core/mod.ts";
import { openSecrets } from "../../../memories/heap/mod.ts";
import { FakeMemory } from "../../../testing/core/fake_memory.ts";
import { joined } from "../../../testing/features/custodian/joined.ts";
import {
  openPair,
  openTools,
  type Pair,
  receiveAll,
} from "../../../testing/features/custodian/pair.ts";
import { GREETING_BYTES } from "./agreement.ts";
import { FrameReader } from "./frame_reader.ts";
import { MAX_FRAME, MAX_META, MAX_SECRET, PREFIX_BYTES, SESSION_KEY_BYTES } from "./limits.ts";
import { ChannelSession } from "./session.ts";
import { SharedRegion } from "./shared_region.ts";

const META = Uint8Array.of(1, 2, 3, 4, 5, 6);
const SECRET = Uint8Array.from({ length: 32 }, (_, index) => 200 - index);

function expectEnded(session: ChannelSession, attempt: () => unknown): void {
  expect(attempt).toThrow(LetheError);
  expect(attempt).toThrow(expect.objectContaining({ code: "ERR_LETHE_CHANNEL" }));
  expect(session.state).toBe("ended");
}

function attacked(change: (frames: Uint8Array[], pair: Pair) => Uint8Array[]): void {
  const pair = openPair();
  const frames = [META, META, META].map((meta, index) =>
    pair.application.seal(Uint8Array.of(index, ...meta), SECRET),
  );
  const input = joined(change(frames, pair));
  expectEnded(pair.custodian, () => receiveAll(pair.custodian, input, pair.context));
}

describe("a session", () => {
  it("carries messages with and without a secret, both ways", () => {
    const { application, custodian, context } = openPair();
    const down = [application.seal(META, null), application.seal(META, SECRET)];
    expect(receiveAll(custodian, joined(down), context)).toEqual([
      { meta: [...META], secret: null },
      { meta: [...META], secret: [...SECRET] },
    ]);
    expect(receiveAll(application, custodian.seal(META, SECRET), context)).toEqual([
      { meta: [...META], secret: [...SECRET] },
    ]);
  });

  it("carries the largest message, byte by byte as well", () => {
    const { application, custodian, context } = openPair();
    const meta = new Uint8Array(MAX_META).fill(7);
    const secret = new Uint8Array(MAX_SECRET).fill(9);
    const frame = application.seal(meta, secret);
    expect(frame).toHaveLength(MAX_FRAME);
    const small = application.seal(META, SECRET);
    expect(receiveAll(custodian, frame, context)).toHaveLength(1);
    const delivered = [...small].flatMap((byte) =>
      receiveAll(custodian, Uint8Array.of(byte), context),
    );
    expect(delivered).toEqual([{ meta: [...META], secret: [...SECRET] }]);
    expect(() => application.seal(new Uint8Array(MAX_META + 1), null)).toThrow(RangeError);
    expect(() => application.seal(META, new Uint8Array(MAX_SECRET + 1))).toThrow(RangeError);
    expect(() => application.seal(META, new Uint8Array(0))).toThrow(RangeError);
  });

  it("never sends the same bytes twice, nor any of the plaintext", () => {
    const { application } = openPair();
    const frames = [0, 1, 2].map(() => application.seal(META, SECRET));
    const texts = frames.map((frame) => Buffer.from(frame).toString("hex"));
    expect(new Set(texts.map((text) => text.slice(2 * PREFIX_BYTES))).size).toBe(3);
    for (const text of texts) {
      expect(text).not.toContain(Buffer.from(SECRET.subarray(0, 4)).toString("hex"));
      expect(text).not.toContain(Buffer.from(META).toString("hex"));
    }
    const both = application.seal(SECRET, SECRET);
    const [meta, secret] = [both.subarray(8, 56), both.subarray(56)];
    expect(Buffer.from(meta).equals(secret), "each part has a nonce of its own").toBe(false);
    const other = openPair().application.seal(META, SECRET);
    expect(Buffer.from(other).equals(frames[0] as Uint8Array)).toBe(false);
  });

  it("lets a secret be opened once, and only while it is delivered", () => {
    const { application, custodian } = openPair();
    let late: ((bytes: Uint8Array) => void) | undefined;
    custodian.receive(application.seal(META, SECRET), (_, arrival) => {
      arrival?.openInto(new Uint8Array(32));
      expect(() => arrival?.openInto(new Uint8Array(32))).toThrow(TypeError);
    });
    custodian.receive(application.seal(META, SECRET), (_, arrival) => {
      late = arrival?.openInto;
    });
    expect(() => late?.(new Uint8Array(32))).toThrow(TypeError);
  });

  it("goes on when a secret was left behind unopened", () => {
    const { application, custodian, context } = openPair();
    custodian.receive(application.seal(META, SECRET), () => undefined);
    expect(receiveAll(custodian, application.seal(META, SECRET), context)).toHaveLength(1);
  });

  it("goes on when there was no room for a frame", () => {
    const { application, custodian, context } = openPair();
    const full = (): never => {
      throw new RangeError("Array buffer allocation failed");
    };
    expect(() => application.seal(META, SECRET, full)).toThrow("allocation failed");
    const next = application.seal(META, SECRET);
    expect(receiveAll(custodian, next, context)).toHaveLength(1);
  });

  it("keeps nothing once it has ended", () => {
    const { application, custodian, context } = openPair();
    const before = context.secrets.stats.live;
    expect(before).toBeGreaterThan(0);
    const frame = application.seal(META, null);
    application.end();
    custodian.end();
    expect(context.secrets.stats.live).toBe(0);
    expectEnded(custodian, () => receiveAll(custodian, frame, context));
    expectEnded(application, () => application.seal(META, null));
  });

  it("reads nothing behind the message that ended it", () => {
    const { application, custodian } = openPair();
    let count = 0;
    custodian.receive(joined([application.seal(META, null), application.seal(META, null)]), () => {
      count += 1;
      custodian.end();
    });
    expect(count).toBe(1);
  });
});

describe("a session ends with ERR_LETHE_CHANNEL", () => {
  it.each<[string, (frames: Uint8Array[], pair: Pair) => Uint8Array[]]>([
    ["for a frame that is missing", ([, b, c]) => [b, c] as Uint8Array[]],
    ["for a frame that is repeated", ([a, b]) => [a, a, b] as Uint8Array[]],
    ["for frames that changed places", ([a, b]) => [b, a] as Uint8Array[]],
    // By half its tag: the first byte of the next frame is the missing one of a tag in 256.
    ["for a frame cut short", ([a, b]) => [a?.subarray(0, -8), b, b] as Uint8Array[]],
    ["for a byte too many", ([a, b]) => [a, Uint8Array.of(0), b, b] as Uint8Array[]],
    [
      "for the secret of one frame in another",
      ([a, b]) => {
        const split = PREFIX_BYTES + META.length + 1 + TAG_BYTES;
        return [joined([(a as Uint8Array).subarray(0, split), (b as Uint8Array).subarray(split)])];
      },
    ],
    [
      "for a secret that was taken off",
      ([a]) => {
        const cut = (a as Uint8Array).slice(0, PREFIX_BYTES + META.length + 1 + TAG_BYTES);
        cut.fill(0, 4, 8);
        return [cut];
      },
    ],
    ["for its own frame sent back", (_, { custodian }) => [custodian.seal(META, null)]],
    ["for a frame of another session", () => [openPair().application.seal(META, null)]],
  ])("%s", (_, change) => attacked(change));

  it("for each single bit that was changed", () => {
    const length = openPair().application.seal(META, SECRET).length;
    for (let bit = 0; bit < length * 8; bit += 3) {
      const { application, custodian, context } = openPair();
      const frame = application.seal(META, SECRET);
      (frame[bit >> 3] as number) ^= 1 << (bit & 7);
      // A longer length only waits for more: what comes next does not belong to it.
      const rest = joined(Array.from({ length: 20 }, () => application.seal(META, SECRET)));
      const input = joined([frame, rest]);
      let error: unknown;
      try {
        const delivered = receiveAll(custodian, input, context);
        expect(delivered).toEqual([]);
        expect(bit >> 3).toBeLessThan(PREFIX_BYTES);
      } catch (caught) {
        error = caught;
      }
      if (error !== undefined) expect(error).toMatchObject({ code: "ERR_LETHE_CHANNEL" });
      application.end();
      custodian.end();
    }
  });

  it.each([
    ["an empty message", 0, 0],
    ["a message that is too long", MAX_META + 1, 0],
    ["a secret that is too long", 1, MAX_SECRET + 1],
    ["the longest length there is", 0xffff_ffff, 0xffff_ffff],
  ])("for %s, before there is room made for it", (_, meta, secret) => {
    const { custodian, context } = openPair();
    const prefix = new Uint8Array(PREFIX_BYTES);
    new DataView(prefix.buffer).setUint32(0, meta);
    new DataView(prefix.buffer).setUint32(4, secret);
    expectEnded(custodian, () => receiveAll(custodian, prefix, context));
  });

  it("for a greeting that is none, or of low order, or its own", () => {
    const context = openTools();
    const zero = new ChannelSession("application", context).greeting.slice();
    zero.fill(0, 8);
    const strange = zero.slice();
    strange[0] = 0;
    for (const greeting of [zero, strange]) {
      const session = new ChannelSession("custodian", context);
      expectEnded(session, () => session.receive(greeting, () => undefined));
    }
    const alone = new ChannelSession("application", context);
    alone.receive(alone.greeting, () => undefined);
    const frame = alone.seal(META, null);
    expectEnded(alone, () => receiveAll(alone, frame, context));
  });

  it("for a message before the greeting", () => {
    const context = openTools();
    const session = new ChannelSession("custodian", context);
    expect(() => session.seal(META, null)).toThrow(/has not greeted/);
    expectEnded(session, () => session.receive(new Uint8Array(GREETING_BYTES), () => undefined));
    expect(context.secrets.stats.live).toBe(0);
  });

  it("when what a message is delivered to throws", () => {
    const { application, custodian } = openPair();
    expect(() =>
      custodian.receive(application.seal(META, null), () => {
        throw new RangeError("no");
      }),
    ).toThrow(RangeError);
    expect(custodian.state).toBe("ended");
  });
});

it("two sessions that saw different greetings have no key in common", () => {
  const context = openTools();
  const [application, custodian, between] = [
    new ChannelSession("application", context),
    new ChannelSession("custodian", context),
    new ChannelSession("application", context),
  ];
  custodian.receive(between.greeting, () => undefined);
  application.receive(custodian.greeting, () => undefined);
  const frame = application.seal(META, null);
  expectEnded(custodian, () => receiveAll(custodian, frame, context));
});

it("nor when the difference is a bit that X25519 ignores", () => {
  const context = openTools();
  const application = new ChannelSession("application", context);
  const custodian = new ChannelSession("custodian", context);
  const altered = application.greeting.slice();
  (altered[GREETING_BYTES - 1] as number) ^= 0x80; // RFC 7748, section 5: masked
  custodian.receive(altered, () => undefined);
  application.receive(custodian.greeting, () => undefined);
  const frame = application.seal(META, null);
  expectEnded(custodian, () => receiveAll(custodian, frame, context));
});

it("a reader keeps no more than the largest frame", () => {
  const reader = new FrameReader();
  const prefix = new Uint8Array(PREFIX_BYTES);
  new DataView(prefix.buffer).setUint32(0, MAX_META);
  new DataView(prefix.buffer).setUint32(4, MAX_SECRET);
  reader.push(prefix, () => undefined);
  let taken = 0;
  for (let index = 0; index < 10_000; index++) {
    reader.push(new Uint8Array(1000), () => {
      taken += 1;
      reader.push(prefix.slice(), () => undefined);
    });
    expect(reader.pending).toBeLessThanOrEqual(MAX_FRAME);
    if (taken > 0) break;
  }
  expect(taken).toBe(1);
});

it("opens its keys for reading alone once they are made, unless they share a region", () => {
  for (const shared of [false, true]) {
    const memory = new FakeMemory();
    const context = { ...openTools(), secrets: openSecrets({ memory }) };
    const region = shared ? new SharedRegion(context.secrets, SESSION_KEY_BYTES) : undefined;
    const application = new ChannelSession("application", context, region);
    application.receive(new ChannelSession("custodian", openTools()).greeting, () => undefined);
    memory.arm();
    application.seal(META, SECRET);
    expect(memory.calls[0]).toBe(shared ? "protect read-write" : "protect read-only");
    expect(memory.violations).toEqual([]);
  }
});
