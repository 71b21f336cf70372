import { describe, expect, it } from "vitest";
import { openSecrets } from "../memories/heap/mod.ts";
import { thrown } from "../testing/core/samples.ts";
import type { SecretBuffer } from "./contract/secret_buffer.ts";
import type { HeldSecret } from "./held_secret.ts";
import { MemorySecrets } from "./memory_secrets.ts";
import { contextOf, secretsUnder } from "./secrets_context.ts";

class Aborted extends Error {}
const abort = (line: string): never => {
  throw new Aborted(line);
};

function family(): { readonly whole: MemorySecrets; readonly strict: MemorySecrets } {
  const whole = openSecrets();
  if (!(whole instanceof MemorySecrets)) throw new Error("not of this core");
  return { whole, strict: secretsUnder(whole, "crash", abort) };
}

describe("secrets held to another misuse policy", () => {
  it("crash where their neighbours throw, and wipe these first", () => {
    const { whole, strict } = family();
    const [lax, fatal] = [whole.random(8), strict.random(8)];
    lax.destroy();
    expect(thrown(() => lax.clone()).code).toBe("ERR_LETHE_DESTROYED");
    expect([whole.stats.live, fatal.state]).toEqual([1, "guarded"]);
    const bystander = whole.random(8);
    expect(thrown(() => fatal.freeze().modify(() => undefined))).toBeInstanceOf(Aborted);
    expect([whole.stats.live, bystander.state]).toEqual([0, "destroyed"]);
  });

  it("are the same secrets: what one of the two made, both made, and no other", () => {
    const { whole, strict } = family();
    const other = family().whole;
    const made = (by: MemorySecrets, secret: SecretBuffer): boolean =>
      contextOf(by).made(secret as HeldSecret);
    const [one, two, three] = [whole.random(8), strict.random(8), other.random(8)];
    expect([made(whole, one), made(whole, two), made(strict, one), made(strict, two)]).toEqual(
      Array(4).fill(true),
    );
    expect([made(whole, three), made(strict, three), made(other, one)]).toEqual(
      Array(3).fill(false),
    );
    expect(MemorySecrets.is(strict)).toBe(true);
    for (const value of [null, undefined, 5, "text", {}, () => 0, Object.create(whole)]) {
      expect(MemorySecrets.is(value)).toBe(false);
    }
  });

  it("make nothing longer than a secret can be, whatever it is made of", () => {
    const { whole } = family();
    for (const byteLength of [0, -1, 1.5, 2 ** 31]) {
      const error = thrown(() => whole.make(byteLength, () => undefined));
      expect(error).toBeInstanceOf(RangeError);
      expect(error.message).toMatch(/^Cannot make .*byteLength/);
    }
    expect(whole.stats.live).toBe(0);
  });

  it("are counted and purged with them", () => {
    const { whole, strict } = family();
    const fatal = strict.random(8);
    fatal.expose(() => undefined);
    expect(whole.stats).toEqual(strict.stats);
    expect(whole.stats).toMatchObject({ live: 1, bytes: 8 });
    whole.purge();
    expect([fatal.state, whole.stats.live]).toEqual(["destroyed", 0]);
    strict.random(8).destroy();
    expect(whole.stats.live).toBe(0);
  });

  it("end with them, whichever of the two is disposed", () => {
    for (const which of ["whole", "strict"] as const) {
      const both = family();
      both[which][Symbol.dispose]();
      expect(thrown(() => both.whole.random(8)).code).toBe("ERR_LETHE_DESTROYED");
      expect(thrown(() => both.strict.random(8))).toBeInstanceOf(Aborted);
    }
  });
});
