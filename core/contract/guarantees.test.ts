import { expect, it } from "vitest";
import { GUARANTEE_NAMES, guarantees, notGiven, unverified, verified } from "./guarantees.ts";

it("says of each guarantee how far it goes, whether it was checked, and why", () => {
  const rows = [verified("read"), unverified("best-effort", "why"), notGiven("why")];
  expect(rows).toEqual([
    { level: "enforced", verified: true, evidence: "read" },
    { level: "best-effort", verified: false, evidence: "why" },
    { level: "none", verified: false, evidence: "why" },
  ]);
  expect(rows.every(Object.isFrozen)).toBe(true);
});

it("gives what is not named to nobody, also where Object.prototype promises it", () => {
  const root = Object.prototype as { locked?: unknown };
  try {
    root.locked = verified("planted");
    const table = guarantees({ canary: verified("read") });
    expect(Object.keys(table)).toEqual([...GUARANTEE_NAMES]);
    expect([table.locked.level, table.locked.verified, table.canary.level]).toEqual([
      "none",
      false,
      "enforced",
    ]);
    expect(Object.isFrozen(table)).toBe(true);
  } finally {
    delete root.locked;
  }
});
