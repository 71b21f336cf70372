import { expect, it } from "vitest";
import { openSecrets } from "../../../memories/heap/mod.ts";
import { FakeMemory } from "../../../testing/core/fake_memory.ts";
import { Page } from "./page.ts";

function opened(): { readonly memory: FakeMemory; readonly page: Page } {
  const memory = new FakeMemory();
  return { memory, page: new Page(openSecrets({ memory }), 64) };
}

it("opens once for all that is nested, and leaves every part empty and itself closed", () => {
  const { memory, page } = opened();
  const parts: Uint8Array[] = [];
  page.open(() => {
    parts.push(page.part(0, 32));
    page.open(() => parts.push(page.part(32, 32)));
    expect(parts.map(({ length }) => length)).toEqual([32, 32]);
    parts[1]?.fill(7);
    expect(memory.last.bytes.slice(30, 34)).toEqual([0, 0, 7, 7]);
    expect(memory.last.protection).toBe("read-write");
  });
  expect(parts.map(({ length }) => length)).toEqual([0, 0]);
  expect(memory.last.steps).toEqual(["protect read-write", "view", "detach", "protect no-access"]);
  expect(() => page.part(0, 1)).toThrow(/its page is closed/);
});

it("is closed when what ran in it threw", () => {
  const { memory, page } = opened();
  const fails = (): never => {
    throw new RangeError("of the caller");
  };
  expect(() => page.open(() => page.open(fails))).toThrow("of the caller");
  expect(memory.last.protection).toBe("no-access");
  expect(() => page.part(0, 1)).toThrow(/its page is closed/);
});

it("opens for reading alone once it is frozen", () => {
  const { memory, page } = opened();
  page.freeze();
  page.open(() => expect(memory.last.protection).toBe("read-only"));
});

it("lends nothing more once it was destroyed, also to what still runs in it", () => {
  const { memory, page } = opened();
  page.open(() => {
    const part = page.part(0, 32).fill(7);
    page.destroy();
    expect([part.length, page.part(0, 32).length, memory.last.zero]).toEqual([0, 0, true]);
    expect(() => page.open(() => 0)).toThrow(
      expect.objectContaining({ code: "ERR_LETHE_DESTROYED" }),
    );
  });
  expect(memory.last.released).toBe(1);
  expect(memory.violations).toEqual([]);
});
