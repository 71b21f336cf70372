import { runInNewContext } from "node:vm";
import { afterEach, describe, expect, it } from "vitest";
import { openSecrets } from "../../memories/heap/mod.ts";
import { FakeMemory } from "../../testing/core/fake_memory.ts";
import { read, sample, thrown } from "../../testing/core/samples.ts";
import { FAULTY_LENDERS, NO_LENDERS, simpleLender } from "../../testing/core/standard/lenders.ts";
import { equalBytes } from "../bytes.ts";
import { LetheError } from "../contract/errors.ts";
import { checkLender } from "./check_lender.ts";
import { lendingOf } from "./lender.ts";

const memory = new FakeMemory();
const secrets = openSecrets({ memory });
afterEach(() => {
  secrets.purge();
  expect(memory.violations).toEqual([]);
});

describe("adopt", () => {
  it("copies what a lender lends, a secret has and plain bytes are, and leaves each as it is", () => {
    const plain = sample(40);
    const inputs = [simpleLender(sample(40)), secrets.move(sample(40)), plain];
    for (const input of inputs) {
      const copy = secrets.adopt(input);
      expect([...read(copy)]).toEqual([...sample(40)]);
      copy.destroy();
      expect(equalBytes(input, sample(40))).toBe(true);
    }
    expect([...plain]).toEqual([...sample(40)]);
  });

  it("takes a lender of another realm, and its error classes do not matter", () => {
    const lender = runInNewContext(`({ "~secret": { version: 1, vendor: "frame", byteLength: 3,
      expose: (use) => use(Uint8Array.of(1, 2, 3)) } })`);
    expect([...read(secrets.adopt(lender))]).toEqual([1, 2, 3]);
  });

  for (const [name, { make, says }] of Object.entries(FAULTY_LENDERS)) {
    it(`${says === null ? "takes" : "refuses"} one that ${name}`, async () => {
      const lender = make(sample(20)) as never;
      if (says === null) {
        expect([...read(secrets.adopt(lender))]).toEqual([...sample(20)]);
        return;
      }
      const error = thrown(() => secrets.adopt(lender));
      expect(error).toBeInstanceOf(LetheError);
      expect([error.code, error.message]).toEqual([
        "ERR_LETHE_LENDER",
        expect.stringMatching(says),
      ]);
      expect(error.message).not.toContain("quotes");
      await null;
      expect(secrets.stats.live).toBe(0);
    });
  }

  for (const [name, make] of Object.entries(NO_LENDERS)) {
    it(`is no way in for ${name}`, () => {
      expect(lendingOf(make(sample(20)))).toBe(null);
      expect(thrown(() => secrets.adopt(make(sample(20)) as never))).toBeInstanceOf(TypeError);
    });
  }

  it("reads each part of a lender once", () => {
    const asked: string[] = [];
    const watched = (object: object): object =>
      new Proxy(object, {
        get(target, name, receiver) {
          asked.push(String(name));
          return Reflect.get(target, name, receiver);
        },
      });
    const { "~secret": lending } = simpleLender(sample(20));
    secrets.adopt(watched({ "~secret": watched({ ...lending }) }) as never);
    expect(asked).toEqual(["~secret", "version", "vendor", "byteLength", "expose"]);
  });

  it("makes no lender of every object by what lies at the root of their prototypes", () => {
    const root = Object.prototype as { "~secret"?: unknown };
    try {
      root["~secret"] = simpleLender(sample(20))["~secret"];
      expect([lendingOf({}), lendingOf(new Uint8Array(3)), lendingOf([])]).toEqual([
        null,
        null,
        null,
      ]);
      expect(thrown(() => secrets.adopt({} as never))).toBeInstanceOf(TypeError);
    } finally {
      delete root["~secret"];
    }
  });

  it("refuses no bytes, and says of its own secret why it is gone", () => {
    expect(thrown(() => secrets.adopt(simpleLender(new Uint8Array(0))))).toBeInstanceOf(RangeError);
    const empty = simpleLender(new Uint8Array(0));
    expect(thrown(() => secrets.decode(empty, "hex")).message).toMatch(
      /^Cannot decode secret as source/,
    );
    expect(thrown(() => secrets.encode(empty, "hex")).message).toMatch(
      /^Cannot encode secret as secret/,
    );
    const gone = secrets.random(8);
    gone.destroy();
    expect(thrown(() => secrets.adopt(gone)).code).toBe("ERR_LETHE_DESTROYED");
    expect(thrown(() => equalBytes(gone, sample(8))).code).toBe("ERR_LETHE_DESTROYED");
  });

  it("runs nothing of the lender while a page of this memory is open", () => {
    const seen: unknown[] = [];
    const inner = simpleLender(sample(8))["~secret"];
    const expose = (use: (bytes: never) => unknown): unknown => {
      const outcome = inner.expose((bytes) => use(bytes as never));
      seen.push(memory.last.protection);
      return outcome;
    };
    secrets.random(1);
    secrets.adopt({ "~secret": { ...inner, expose: expose as never } });
    expect(seen).toEqual(["no-access"]);
  });
});

describe("what takes bytes", () => {
  it("takes those of a lender: equals, equalBytes, encode, decode", () => {
    const lender = simpleLender(sample(20));
    expect(secrets.move(sample(20)).equals(lender)).toBe(true);
    expect(secrets.move(sample(21)).equals(lender)).toBe(false);
    expect(equalBytes(lender, lender)).toBe(true);
    const text = secrets.encode(lender, "hex");
    expect(secrets.decode(text, "hex").equals(lender)).toBe(true);
    expect(text.state).toBe("guarded");
  });

  it("moves none away, and names what does: adopt", () => {
    for (const input of [simpleLender(sample(3)), secrets.random(3)]) {
      expect(thrown(() => secrets.move(input as never)).message).toMatch(/secrets\.adopt\(\)$/);
    }
  });
});

describe("a SecretBuffer", () => {
  it("keeps every rule of the standard", () => {
    const secret = secrets.random(32);
    expect(checkLender(secret)).toEqual([]);
    const lending = secret["~secret"];
    expect([lending.version, lending.vendor, lending.byteLength]).toEqual([1, "lethe", 32]);
    expect([Object.isFrozen(lending), secret["~secret"]]).toEqual([true, lending]);
    expect(Object.keys(secret)).toEqual([]);
    secret.destroy();
    expect(thrown(() => lending.expose(() => 0)).code).toBe("ERR_LETHE_DESTROYED");
  });
});

describe("a lender that calls at the wrong time", () => {
  const lender = (
    expose: (use: (bytes: unknown) => unknown) => unknown,
    vendor: string = "late",
  ) => ({
    "~secret": { version: 1, vendor, byteLength: 20, expose },
  });
  const refusal = (value: unknown): string => thrown(() => secrets.adopt(value as never)).message;

  it("lends nothing out of what expose has returned", () => {
    const name = "then"; // computed, since the lint rule is right about all other code
    const hiding = lender((use) =>
      Object.defineProperty({}, name, {
        get() {
          use(sample(20));
          return undefined;
        },
      }),
    );
    expect(refusal(hiding)).toMatch(/^Cannot adopt secret: the secret of late returned a promise/);
    expect(secrets.stats.live).toBe(0);
  });

  it("lends nothing after expose threw", () => {
    let late = (_: unknown): unknown => 0;
    const throwing = lender((use) => {
      late = use;
      throw new Error("of the lender");
    });
    expect(refusal(throwing)).toMatch(/ threw; it may have been destroyed; see checkLender/);
    expect(() => late(sample(20))).toThrow("cannot take bytes");
    expect(secrets.stats.live).toBe(0);
  });

  it("is named where its name may be shown", () => {
    const nothing = () => undefined;
    for (const vendor of ["acme/vault@1.2-x", "a".repeat(60)]) {
      expect(refusal(lender(nothing, vendor))).toContain(`the secret of ${vendor} lent nothing`);
    }
    for (const vendor of ["", "a b", "a\nb", "a".repeat(61), "\u202e"]) {
      expect(refusal(lender(nothing, vendor))).toContain(
        "the secret of an unnamed vendor lent nothing",
      );
    }
    expect(refusal(simpleLender(new Uint8Array(0)))).toMatch(
      /^Cannot adopt secret as input must have at least 1 byte/,
    );
    const callable = Object.assign(() => 0, simpleLender(sample(3))["~secret"]);
    expect(lendingOf({ "~secret": callable })).toBe(null);
    expect(lendingOf({ "~secret": "text" })).toBe(null);
  });
});
