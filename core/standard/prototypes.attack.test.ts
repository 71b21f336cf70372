import { beforeEach, describe, expect, it } from "vitest";
import { adopting } from "../../features/crypto/lend.ts";
import { openSecrets } from "../../memories/heap/mod.ts";
import { read, sample, thrown } from "../../testing/core/samples.ts";
import {
  all,
  having,
  LenderScene,
  lender,
  plainLender,
  RIGHT,
  THEN,
} from "../../testing/core/standard/hostile_lenders.ts";
import { simpleLender } from "../../testing/core/standard/lenders.ts";

const content = sample(20);

describe("what lies on the prototypes of the language", () => {
  const marks: readonly (readonly [name: string, object: object, properties: object])[] = [
    ["Object.prototype.error", Object.prototype, { error: new Error("of nobody") }],
    ["Object.prototype.value", Object.prototype, { value: 7 }],
    ["Object.prototype.then", Object.prototype, { [THEN]: () => undefined }],
    ["Object.prototype.isOwn", Object.prototype, { isOwn: true }],
    [
      "a setter of Array.prototype[0]",
      Array.prototype,
      {
        get 0() {
          return undefined;
        },
        set 0(_: unknown) {
          // keeps it
        },
      },
    ],
    ["Uint8Array.prototype.set", Uint8Array.prototype, { set: () => undefined }],
    ["Uint8Array.prototype.fill", Uint8Array.prototype, { fill: () => undefined }],
    ["Uint8Array.prototype.subarray", Uint8Array.prototype, { subarray: () => new Uint8Array(3) }],
    [
      "the set of all typed arrays",
      Object.getPrototypeOf(Uint8Array.prototype),
      { set: () => undefined },
    ],
    ["Uint8Array.prototype.length", Uint8Array.prototype, { length: 20 }],
    ["Uint8Array.prototype.constructor", Uint8Array.prototype, { constructor: Array }],
    ["Array.prototype.map", Array.prototype, { map: () => [] }],
    ["Promise.prototype.then", Promise.prototype, { [THEN]: () => undefined }],
    ["Promise.prototype.catch", Promise.prototype, { catch: () => undefined }],
  ];
  // A memory is somebody else's code as well: that of other tests calls what is replaced here.
  let secrets = openSecrets();
  beforeEach(() => {
    secrets = openSecrets();
  });
  it.each(marks)("changes nothing: %s", (_, object, properties) => {
    expect(having(object, properties as never, () => all(secrets, plainLender))).toEqual(RIGHT);
  });

  it("makes no promise of what is returned inside a scope, which would then stay open", () => {
    const secret = secrets.move(sample(20));
    const given = {};
    const [returned, copy] = having(Object.prototype, { [THEN]: () => undefined }, () => [
      secret.expose(() => given),
      secrets.adopt(secret),
    ]);
    expect([returned === given, secret.state, copy.byteLength]).toEqual([true, "guarded", 20]);
  });

  it.each(marks)("lets no lender pass that breaks the contract: %s", (_, object, properties) => {
    const twice = lender((use) => {
      use(content.slice());
      use(content.slice());
    });
    const { code, live } = having(object, properties as never, () => {
      const before = secrets.stats.live;
      return { code: thrown(() => secrets.adopt(twice)).code, live: secrets.stats.live - before };
    });
    expect([code, live]).toEqual(["ERR_LETHE_LENDER", 0]);
  });

  it("shows no code the bytes that are copied into secret memory, nor keeps them out of it", () => {
    const seen: unknown[] = [];
    const spy = function (this: unknown, ...values: unknown[]): void {
      seen.push([this, ...values]);
    };
    const kept = having(Uint8Array.prototype, { set: spy, fill: spy }, () => {
      const plain = sample(20);
      const made = [secrets.move(plain), secrets.adopt(simpleLender(sample(20)))];
      return [...made, made[0]?.clone()].map((secret) => [...read(secret as never)]);
    });
    // What the lender of the test calls itself.
    expect(seen.filter((call) => (call as unknown[]).length !== 2)).toEqual([]);
    expect(kept).toEqual([[...content], Array(20).fill(0), [...content]]);
  });
});

it("a copy for one call is destroyed with it, whatever lies at an index of Array.prototype", () => {
  const scene = new LenderScene();
  const setter = {
    get 0(): unknown {
      return undefined;
    },
    set 0(_: unknown) {
      // keeps it
    },
  };
  having(Array.prototype, setter, () => adopting(scene.secrets, [plainLender()], () => 0));
  expect(scene.secrets.stats.live).toBe(0);
  scene.end();
});
