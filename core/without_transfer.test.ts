import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { thrown } from "../testing/core/samples.ts";

const transfer = Object.getOwnPropertyDescriptor(ArrayBuffer.prototype, "transfer");
beforeEach(() => {
  vi.resetModules();
  Reflect.deleteProperty(ArrayBuffer.prototype, "transfer");
});
afterEach(() => {
  Object.defineProperty(ArrayBuffer.prototype, "transfer", transfer as PropertyDescriptor);
  vi.resetModules();
});

it.each([
  ["node", "use Node.js 22 or newer"],
  ["web", "use Chrome 114, Firefox 122, Safari 17.4 or newer"],
  ["constructor", "use a newer version of it"],
])("a %s without ArrayBuffer.prototype.transfer is told what has it", async (name, remedy) => {
  const { secretsOpener } = await import("./open_secrets.ts");
  const { HEAP_PROVIDER } = await import("../memories/heap/mod.ts");
  for (const memory of ["auto", "heap"]) {
    const open = secretsOpener({ name, memories: [HEAP_PROVIDER] });
    const { code, message } = thrown(() => open({ memory }));
    expect(code).toBe("ERR_LETHE_UNAVAILABLE");
    expect(message).toMatch(`Cannot open secrets on ${name}: it has no ArrayBuffer.prototype`);
    expect(message).toMatch(remedy);
  }
});
