import { afterAll, describe, expect, it, vi } from "vitest";
import { openSecrets } from "../../../memories/heap/mod.ts";
import { bodyOf, message, randomBelow, text } from "../../../testing/features/agent/messages.ts";
import { mutator } from "../../../testing/features/keys/mutate.ts";
import { SOAK } from "../../../testing/tier.ts";
import { SshReader, sshString, u32 } from "../../keys/ssh.ts";
import { AgentFrameReader, type Frame, FrameError } from "./agent_frame_reader.ts";
import { AgentRefusal } from "./agent_refusal.ts";
import { extensionFailure, extensions, failure, identities, signed, success } from "./answers.ts";
import { kindOfFrame, MAX_BODY, MAX_SECRET_BODY, REQUEST } from "./numbers.ts";
import { type PublicRequest, parseConstraints, parsePassphrase, parseRequest } from "./requests.ts";

const secrets = openSecrets({ memory: "heap" });
afterAll(() => secrets.purge());
const ROUNDS = SOAK ? 100_000 : 300;

/** What a client sends, and what it means. */
const REQUESTS: readonly (readonly [Uint8Array<ArrayBuffer>, PublicRequest])[] = [
  [message(11), { kind: "list" }],
  [message(19), { kind: "remove all" }],
  [message(18, ...text("blob")), { kind: "remove", blob: of("blob") }],
  [
    message(13, ...text("blob"), ...text("data"), u32(4)),
    { kind: "sign", blob: of("blob"), data: of("data"), hash: "sha512" },
  ],
  [
    message(13, ...text(""), ...text(""), u32(2)),
    { kind: "sign", blob: of(""), data: of(""), hash: "sha256" },
  ],
  [
    message(13, ...text("b"), ...text("d"), u32(0)),
    { kind: "sign", blob: of("b"), data: of("d"), hash: null },
  ],
  [message(27, ...text("query")), { kind: "query" }],
  [message(27, ...text("other@example"), [1, 2, 3]), { kind: "extension" }],
  [
    message(27, ...["session-bind@openssh.com", "key", "id", "sig"].flatMap(text), [1]),
    {
      kind: "bind",
      hostKey: of("key"),
      sessionId: of("id"),
      signature: of("sig"),
      forwarding: true,
    },
  ],
];

function of(value: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.from(value));
}

const refusalOf = (run: () => unknown): string => {
  try {
    run();
    return "none";
  } catch (error) {
    return error instanceof AgentRefusal ? error.reason : `another: ${String(error)}`;
  }
};

describe("a request", () => {
  it("is what the client sent, and nothing that is cut or has more behind it", () => {
    for (const [whole, meaning] of REQUESTS) {
      const type = whole[4] as number;
      const body = bodyOf(whole);
      expect(parseRequest(type, body)).toEqual(meaning);
      if (meaning.kind === "extension") continue; // its content is unknown
      for (let length = 0; length < body.length; length++) {
        expect(refusalOf(() => parseRequest(type, body.slice(0, length)))).toBe("malformed");
      }
      expect(refusalOf(() => parseRequest(type, Uint8Array.from([...body, 0])))).toBe("malformed");
    }
  });

  it("asks for SHA-2 by the known flags alone", () => {
    const hash = (flags: number): string =>
      refusalOf(() =>
        parseRequest(13, bodyOf(message(13, ...text("b"), ...text("d"), u32(flags)))),
      );
    expect([1, 3, 5, 6, 8, 0xffff_ffff].map(hash)).toEqual([
      ...["unsupported", "unsupported", "unsupported", "none", "unsupported", "unsupported"],
    ]);
  });

  it("is refused with a reason whatever its bytes are", () => {
    for (const [whole] of REQUESTS) {
      const mutate = mutator(7, bodyOf(whole));
      for (let round = 0; round < ROUNDS / REQUESTS.length; round++) {
        const body = mutate();
        for (const type of [whole[4] as number, round & 31]) {
          expect(["none", "malformed", "unsupported"]).toContain(
            refusalOf(() => parseRequest(type, body)),
          );
        }
        expect(["none", "malformed"]).toContain(refusalOf(() => parsePassphrase(body)));
      }
    }
  });
});

describe("constraints", () => {
  const read = (...bytes: readonly number[]): unknown =>
    parseConstraints(new SshReader(Uint8Array.from(bytes)));

  it("are kept, or the key is not taken", () => {
    expect(read()).toEqual({ lifetime: null, confirm: false });
    expect(read(1, 0, 0, 1, 0)).toEqual({ lifetime: 256, confirm: false });
    expect(read(2, 1, 255, 255, 255, 255)).toEqual({ lifetime: 0xffff_ffff, confirm: true });
    for (const unknown of [0, 3, 4, 255])
      expect(refusalOf(() => read(2, unknown))).toBe("unsupported");
    expect(refusalOf(() => read(1, 0, 0, 0))).toBe("malformed");
    expect(refusalOf(() => read(1, 0, 0, 0, 9, 2, 1, 255, 255, 255, 255))).toBe("malformed");
  });
});

describe("frames", () => {
  const reader = (room: number): AgentFrameReader =>
    new AgentFrameReader(secrets, new Uint8Array(new ArrayBuffer(room)));

  /** Feeds bytes as a connection does: as many as it asks for, or fewer. */
  function feed(frames: AgentFrameReader, bytes: Uint8Array, most: () => number): Frame[] {
    const found: Frame[] = [];
    for (let at = 0; at < bytes.length; ) {
      const target = frames.target();
      const count = Math.min(target.length, bytes.length - at, most());
      target.set(bytes.subarray(at, at + count));
      at += count;
      const frame = frames.advance(count);
      expect(target.every((byte) => byte === 0)).toBe(true); // FRAME-1
      if (frame !== null) found.push(frame);
    }
    return found;
  }

  const contentOf = (frame: Frame): readonly number[] => {
    if (frame.kind === "unknown") return [];
    if (frame.kind === "public") return [...frame.body];
    const content = frame.body?.expose((bytes) => [...bytes]) ?? [];
    frame.body?.destroy();
    return content;
  };

  it("come out whole, in their order, however they are cut", () => {
    const below = randomBelow(5);
    for (let round = 0; round < (SOAK ? 2000 : 40); round++) {
      const sent = Array.from({ length: 1 + below(5) }, () => {
        const type = [11, 13, 17, 18, 19, 20, 22, 25, 27, 200][below(10)] as number;
        return { type, content: Array.from({ length: below(300) }, () => below(256)) };
      });
      const bytes = Buffer.concat(sent.map(({ type, content }) => message(type, content)));
      const found = feed(reader(1 + below(64)), bytes, () => 1 + below(50));
      expect(found.map((frame) => frame.type)).toEqual(sent.map(({ type }) => type));
      for (const [index, frame] of found.entries()) {
        const { type, content } = sent[index] as (typeof sent)[number];
        expect(frame.kind).toBe(kindOfFrame(type));
        expect(contentOf(frame)).toEqual(frame.kind === "unknown" ? [] : content);
      }
    }
  });

  it("of a private key, a passphrase and a PIN lie in secret memory or nowhere", () => {
    const before = secrets.stats.live;
    const frames = reader(16);
    feed(frames, message(REQUEST.add, new Array(100).fill(7)).subarray(0, 60), () => 16);
    expect(secrets.stats.live).toBe(before + 1);
    frames.end();
    expect(secrets.stats.live).toBe(before);
    const kinds = [17, 25, 22, 23].map(kindOfFrame);
    expect(kinds).toEqual(["secret", "secret", "secret", "secret"]);
    expect([11, 13, 18, 19, 27].map(kindOfFrame)).toEqual(new Array(5).fill("public"));
    expect([20, 21, 26, 9, 0, 255].map(kindOfFrame)).toEqual(new Array(6).fill("unknown"));
  });

  it("that are empty have no body, and are whole with their number", () => {
    const before = secrets.stats.live;
    const kinds = [11, 17, 200].map((type) => {
      const frames = reader(16);
      expect(frames.isBetween).toBe(true);
      const [first, ...others] = feed(frames, message(type).subarray(0, 3), () => 16);
      expect([first, others, frames.isBetween]).toEqual([undefined, [], false]);
      const [found] = feed(frames, message(type).subarray(3), () => 16);
      expect(frames.isBetween).toBe(true);
      return found;
    });
    expect(kinds).toEqual([
      { kind: "public", type: 11, body: new Uint8Array(0) },
      { kind: "secret", type: 17, body: null },
      { kind: "unknown", type: 200 },
    ]);
    expect(secrets.stats.live).toBe(before);
  });

  it("of an unknown number, as that with a PIN, are read past, and copied nowhere", () => {
    const frames = reader(16);
    const set = vi.spyOn(Object.getPrototypeOf(Uint8Array.prototype), "set");
    const copies = (type: number): number => {
      const bytes = message(type, new Array(20).fill(7));
      set.mockClear();
      const [found] = feed(frames, bytes, () => 5);
      expect(found?.type).toBe(type);
      if (found?.kind === "unknown") expect(Object.keys(found).sort()).toEqual(["kind", "type"]);
      // The test itself puts five pieces into the place that it is given.
      return set.mock.calls.length - 5;
    };
    try {
      expect([copies(20), copies(11)]).toEqual([1, 5]); // the header, and the four pieces of a body
    } finally {
      set.mockRestore();
    }
  });

  it("have bounds, which are looked at before anything is allocated", () => {
    const begin = (type: number, length: number): unknown => {
      const frames = reader(16);
      return feed(frames, Uint8Array.from([...u32(length), type]), () => 16) && frames.end();
    };
    for (const [type, most] of [
      [13, MAX_BODY],
      [20, MAX_BODY],
      [17, MAX_SECRET_BODY],
      [22, MAX_SECRET_BODY],
    ] as const) {
      expect(() => begin(type, most + 1)).not.toThrow();
      const long = [0x10006, 0x100_0006, 0x8000_0006, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
      for (const length of [most + 2, ...long.filter((each) => each > most + 1)]) {
        expect(() => begin(type, length)).toThrow("Cannot read frame: it is too long");
      }
      expect(() => begin(type, 0)).toThrow("Cannot read frame: it is empty");
      expect(() => begin(type, 0)).toThrow(FrameError);
    }
    expect([MAX_BODY, MAX_SECRET_BODY]).toEqual([69_632, 16_384]);
    expect(new FrameError("x").name).toBe("FrameError");
  });
});

it("a passphrase is the one string of its request, and a refusal says its reason", () => {
  expect([...parsePassphrase(bodyOf(message(22, ...text("phrase"))))]).toEqual([...of("phrase")]);
  for (const wrong of [[], [0, 0, 0, 2, 1], [0, 0, 0, 1, 1, 0]]) {
    expect(refusalOf(() => parsePassphrase(Uint8Array.from(wrong)))).toBe("malformed");
  }
  const { name, message: said } = new AgentRefusal("sha-1");
  expect([name, said]).toEqual(["AgentRefusal", "Cannot do what the client asks for: sha-1"]);
});

describe("answers", () => {
  it("are what the protocol has", () => {
    expect([failure(), success(), extensionFailure()].map((bytes) => [...bytes])).toEqual([
      [0, 0, 0, 1, 5],
      [0, 0, 0, 1, 6],
      [0, 0, 0, 1, 28],
    ]);
    expect(extensions()[4]).toBe(29);
    const [blob, comment] = [of("blob"), of("me")];
    expect([...identities([{ blob, comment }])]).toEqual([
      ...[0, 0, 0, 19, 12, 0, 0, 0, 1, 0, 0, 0, 4],
      ...[...blob, 0, 0, 0, 2, ...comment],
    ]);
    expect([...signed(blob)]).toEqual([0, 0, 0, 9, 14, 0, 0, 0, 4, ...blob]);
    const names = ["query", "query", "session-bind@openssh.com"]
      .flatMap(text)
      .map((piece) => [...piece]);
    expect([...extensions()].slice(5)).toEqual(names.flat());
    expect(sshString(blob)).toHaveLength(2);
  });
});
