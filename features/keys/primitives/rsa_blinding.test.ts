import { Buffer } from "node:buffer";
import * as node from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Secrets } from "../../../core/contract/secrets.ts";
import { openSecrets } from "../../../memories/heap/mod.ts";
import {
  big,
  bytesOf,
  inverse,
  makeRsaNumbers,
  montgomeryWords,
  power,
} from "../../../testing/features/keys/rsa_numbers.ts";
import { limbsOf } from "./montgomery.ts";
import type { RsaNumbers } from "./rsa_numbers.ts";
import { rsaDecrypt, rsaPowerRoom } from "./rsa_power.ts";
import { Workspace } from "./workspace.ts";

const BITS = 1024;
const secrets = openSecrets({ memory: "heap" });
const drawn: Uint8Array[] = [];
/** The real ones, of which each draw is noted. */
const noting: Pick<Secrets, "random"> = {
  random(byteLength) {
    const secret = secrets.random(byteLength);
    drawn.push(secret.expose((bytes) => bytes.slice()));
    return secret;
  },
};
let numbers: RsaNumbers;
let sealed: Uint8Array;
beforeAll(() => {
  numbers = makeRsaNumbers(BITS);
  sealed = bytesOf(big(node.randomBytes(BITS / 8)) % big(numbers.n), BITS / 8);
});
afterAll(() => secrets.purge());

interface Work {
  readonly good: boolean;
  readonly opened: Uint8Array;
  /** What the computation left where it worked. */
  readonly traces: Buffer;
}

function work(own: RsaNumbers = numbers, random: Pick<Secrets, "random"> = noting): Work {
  const memory = new Uint8Array(rsaPowerRoom(own.n.length));
  const opened = new Uint8Array(own.n.length).fill(1);
  const good = rsaDecrypt(random, own, sealed, opened, new Workspace(memory));
  return { good, opened, traces: Buffer.from(memory) };
}

describe("RSA-1: the secret exponents raise the message times r^e, for a fresh r", () => {
  it("modulo each prime, and never the message", () => {
    const [n, e, p, q] = [numbers.n, numbers.e, numbers.p, numbers.q].map(big) as [
      bigint,
      bigint,
      bigint,
      bigint,
    ];
    const before = drawn.length;
    const m = big(sealed);
    const results = [work(), work()].map(({ good, opened, traces }, round) => {
      expect(good).toBe(true);
      expect(big(opened)).toBe(power(m, big(numbers.d), n));
      const r = big(drawn[before + round] as Uint8Array) % n;
      const blinded = (m * power(r, e, n)) % n;
      const holds = (base: bigint, prime: bigint): boolean =>
        montgomeryWords(base, prime, limbsOf(BITS / 16)).some((words) => traces.includes(words));
      // The table of powers of the last prime, and the result modulo the first one.
      expect(holds(blinded, p)).toBe(true);
      for (const prime of [p, q]) expect(holds(m, prime)).toBe(false);
      const rest = (base: bigint, exponent: bigint): Uint8Array =>
        bytesOf(power(base, exponent, q), BITS / 16);
      const dq = big(numbers.dq);
      expect(traces.includes(rest(blinded, dq - 1n))).toBe(true);
      for (const exponent of [dq, dq - 1n]) expect(traces.includes(rest(m, exponent))).toBe(false);
      return r;
    });
    expect(results[0]).not.toBe(results[1]);
  });

  it("r is as long as the modulus and 8 bytes more, and is destroyed, also when the result is wrong", () => {
    const before = drawn.length;
    expect(work().good).toBe(true);
    expect(work({ ...numbers, qi: Uint8Array.of(5) }).good).toBe(false);
    expect(drawn.slice(before).map(({ length }) => length)).toEqual([BITS / 8 + 8, BITS / 8 + 8]);
    expect(secrets.stats.live).toBe(0);
  });

  it("the result is the same for the smallest and the largest r, and nothing comes of one that a prime divides", () => {
    const drawing = (r: bigint): Pick<Secrets, "random"> => ({
      random: (byteLength) => secrets.move(bytesOf(r, byteLength) as Uint8Array<ArrayBuffer>),
    });
    const [n, p] = [big(numbers.n), big(numbers.p)];
    const expected = bytesOf(power(big(sealed), big(numbers.d), n), BITS / 8);
    for (const r of [1n, 2n, n - 1n, n + 1n, (1n << BigInt(BITS + 64)) - 1n]) {
      expect(work(numbers, drawing(r))).toMatchObject({ good: true, opened: expected });
    }
    const nothing = new Uint8Array(BITS / 8);
    for (const r of [0n, n, p]) {
      expect(work(numbers, drawing(r))).toMatchObject({ good: false, opened: nothing });
    }
  });
});

describe("RSA-2: a result that is wrong is given to nobody", () => {
  it.each(["dp", "dq"] as const)(
    "such as one spoiled by a fault modulo one prime (%s), which gives that prime away",
    (name) => {
      const damaged = numbers[name].slice();
      damaged[damaged.length - 1] = (damaged.at(-1) as number) ^ 4;
      const faulty = { ...numbers, [name]: damaged };
      const { good, opened } = work(faulty);
      expect([good, opened.every((byte) => byte === 0)]).toEqual([false, true]);
      // What would have left, and what an attacker makes of it.
      const { n, e, p, q, dp, dq, qi } = faulty;
      const [ofP, ofQ] = [power(big(sealed), big(dp), big(p)), power(big(sealed), big(dq), big(q))];
      const h = (big(qi) * (ofP - ofQ + big(p) * big(n))) % big(p);
      const spoiled = ofQ + h * big(q);
      const difference = power(spoiled, big(e), big(n)) - big(sealed) + big(n);
      expect(inverse(difference, big(n))).toBe(null);
      const right = name === "dp" ? q : p;
      expect(difference % big(right)).toBe(0n);
    },
  );
});
