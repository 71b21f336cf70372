import { describe, expect, it } from "vitest";
import { openSecrets } from "../memories/heap/mod.ts";
import { thrown } from "../testing/core/samples.ts";
import { MemorySecrets } from "./memory_secrets.ts";

class Aborted extends Error {}
const abort = (line: string): never => {
  throw new Aborted(line);
};

function family(): { readonly whole: MemorySecrets; readonly strict: MemorySecrets } {
  const whole = openSecrets();
  if (!(whole instanceof MemorySecrets)) throw new Error("not of this core");
  return { whole, strict: whole.under("crash", abort) };
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
