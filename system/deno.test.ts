import { afterEach, describe, expect, it, vi } from "vitest";
import { findDeno } from "./deno.ts";
import { isPermitted } from "./permitted.ts";

afterEach(() => vi.unstubAllGlobals());

describe("the namespace of Deno", () => {
  it.each([
    ["an empty one", {}],
    ["a part, as shims have it", { env: {}, permissions: { query: () => undefined } }],
    ["something else", 7],
  ])("is not there on another runtime where somebody put %s", (_name, value) => {
    vi.stubGlobal("Deno", value);
    expect(findDeno()).toBeUndefined();
    expect(isPermitted({ name: "sys" })).toBe(true);
  });

  it("is asked for permissions where it is whole", () => {
    vi.stubGlobal("Deno", { permissions: { querySync: () => ({ state: "prompt" }) } });
    expect(isPermitted({ name: "sys" })).toBe(false);
  });
});
