import { x25519 } from "@noble/curves/ed25519.js";
import { blake2b } from "@noble/hashes/blake2.js";
import { describe, expect, it } from "vitest";
import { joined } from "../../../testing/features/custodian/joined.ts";
import { openTools } from "../../../testing/features/custodian/pair.ts";
import { Agreement, GREETING_BYTES, type Role } from "./agreement.ts";
import { SESSION_KEY_BYTES } from "./limits.ts";
import { SharedRegion } from "./shared_region.ts";

const MAGIC = new TextEncoder().encode("Lethe c2");
const SECRET_KEY = new Uint8Array(32).map((_, at) => at + 1);

/** The greeting of a peer whose secret key is known here. */
const greeting = (): Uint8Array => joined([MAGIC, x25519.getPublicKey(SECRET_KEY)]);

/** The keys that an end derives. */
function keysOf(role: Role): { readonly own: Uint8Array; readonly keys: Uint8Array } {
  const context = openTools();
  const agreement = new Agreement(role, context);
  const region = new SharedRegion(context.secrets, SESSION_KEY_BYTES);
  const own = agreement.greeting.slice();
  agreement.finish(greeting(), region);
  const keys = region.open(() => region.part(0, SESSION_KEY_BYTES).slice());
  expect(context.secrets.stats.live).toBe(1); // the keys alone are left
  return { own, keys };
}

describe("the agreement of a channel", () => {
  it.each([
    ["application", 1, 2],
    ["custodian", 2, 1],
  ] as const)("gives an %s keys that another implementation derives too", (role, out, back) => {
    const { own, keys } = keysOf(role);
    expect([own.length, Buffer.compare(own.subarray(0, 8), MAGIC)]).toEqual([GREETING_BYTES, 0]);
    const shared = x25519.getSharedSecret(SECRET_KEY, own.subarray(8));
    const greetings = role === "application" ? [own, greeting()] : [greeting(), own];
    const key = (direction: number): Uint8Array =>
      blake2b(joined([Uint8Array.of(direction), ...greetings]), { key: shared, dkLen: 32 });
    expect(Buffer.compare(keys, joined([key(out), key(back)]))).toBe(0);
  });

  it("refuses what is not a greeting, and a key of low order, and keeps no secret of it", () => {
    const wrong = [
      greeting().subarray(0, -1),
      joined([greeting(), Uint8Array.of(0)]),
      ...[...MAGIC.keys()].map((at) => greeting().with(at, 0)),
    ];
    for (const other of wrong) {
      const context = openTools();
      const agreement = new Agreement("custodian", context);
      const region = new SharedRegion(context.secrets, SESSION_KEY_BYTES);
      expect(() => agreement.finish(other, region)).toThrow(/does not greet as a custodian/);
      agreement.destroy();
      expect(context.secrets.stats.live).toBe(1);
    }
    const context = openTools();
    const agreement = new Agreement("custodian", context);
    const region = new SharedRegion(context.secrets, SESSION_KEY_BYTES);
    const low = joined([MAGIC, new Uint8Array(32)]);
    expect(() => agreement.finish(low, region)).toThrow(/public key is of low order/);
    expect(context.secrets.stats.live).toBe(1);
    expect(region.open(() => region.part(0, 64).every((byte) => byte === 0))).toBe(true);
  });
});
