import { expect, it } from "vitest";
import { systemCallNumber } from "./system_calls.ts";

it("the numbers are known on three architectures, and on no other", () => {
  expect(systemCallNumber("renameat2", "x64")).toBe(316);
  expect(systemCallNumber("renameat2", "arm64")).toBe(276);
  expect(systemCallNumber("renameat2", "riscv64")).toBe(276);
  expect(systemCallNumber("renameat2", "toString")).toBeUndefined();
  expect(systemCallNumber("renameat2", "ppc64")).toBeUndefined();
});
