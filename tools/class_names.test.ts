import { globSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { ROOMS } from "./rooms.ts";

it("no two classes of the tree have one name", () => {
  const rooms = [...new Set(Object.keys(ROOMS).map((room) => room.split("/")[0]))];
  const places = new Map<string, string[]>();
  for (const path of globSync(`{${rooms}}/**/*.ts`)) {
    if (path.endsWith(".test.ts") || /^(?:testing|examples|bench)\//.test(path)) continue;
    const text = readFileSync(path, "utf8");
    for (const [, name = ""] of text.matchAll(/^(?:export )?(?:abstract )?class (\w+)/gm)) {
      places.set(name, [...(places.get(name) ?? []), path]);
    }
  }
  expect(places.size).toBeGreaterThan(40);
  expect([...places].filter(([, paths]) => paths.length > 1)).toEqual([]);
});
