import { stripTypeScriptTypes } from "node:module";
import { describe, expect, it } from "vitest";
import { instrument } from "./instrument.ts";

const SOURCE = `
function wipe(bytes: Uint8Array, from: number = 0): boolean {
  for (let at = from; at < bytes.length; at++) bytes[at] = 0;
  note?.("wiped", bytes.length);
  return bytes.every((byte) => byte === 0);
}
`;

/** Runs the source with one mutant, or none. */
function run(active: number, ...call: readonly unknown[]): unknown {
  const { text } = instrument("sample.ts", SOURCE, 0);
  const code = stripTypeScriptTypes(text.replace(/^.*\n/, ""));
  const make = new Function("$mutant", "note", `${code}; return wipe;`);
  return make((id: number) => id === active, undefined)(...call);
}

describe("a mutated file", () => {
  const { mutants } = instrument("sample.ts", SOURCE, 0);

  it("does without a mutant what it did", () => {
    const bytes = Uint8Array.of(1, 2, 3);
    expect([run(-1, bytes), bytes]).toEqual([true, new Uint8Array(3)]);
    expect([run(-1, Uint8Array.of(1, 2), 1), run(-1, new Uint8Array(0))]).toEqual([false, true]);
  });

  it("has each mutant at its line, and lets each be chosen", () => {
    const changes = mutants.map(({ line, change }) => `${line}: ${change}`);
    for (const expected of [
      "2: 0 → add one",
      "3: at < bytes.length → false",
      "3: at < bytes.length → <=",
      "3: at++ → --",
      "3: bytes[at] = 0; → left out",
      '4: note?.("wiped", bytes.length) → drop ?.',
      '4: "wiped" → empty text',
      "5: bytes.every((byte) => byte === 0) → .some",
      "5: byte === 0 → !==",
    ]) {
      expect(changes).toContain(expected);
    }
    const killed = mutants.filter(({ id, change }) => {
      if (change.endsWith("--")) return false; // would turn in circles
      try {
        const bytes = Uint8Array.of(1, 2, 3);
        return run(id, bytes) !== true || bytes.some((byte) => byte !== 0);
      } catch {
        return true;
      }
    });
    expect(killed.length).toBeGreaterThan(8);
  });

  it("keeps types, names, keys and texts for people as they are", () => {
    const text = `
const table: Readonly<Record<"a", 1>> = { "key": 7, other: "two words" };
import type { A } from "./a.ts";
export { b } from "./b.ts";
`;
    const found = instrument("sample.ts", text, 0).mutants.map(({ change }) => change);
    expect(found).toEqual(['{ "key": 7, other: "two words" } → empty object', "7 → add one"]);
  });
});
