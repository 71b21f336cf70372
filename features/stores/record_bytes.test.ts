import fc from "fast-check";
import { expect, it, vi } from "vitest";
import { openSecrets } from "../../memories/heap/mod.ts";
import { joinFields, splitFields } from "./record_bytes.ts";
import { formatContext, parseContext } from "./stored_context.ts";

const secrets = openSecrets();
const land: Parameters<typeof splitFields>[1] = (byteLength, fill) =>
  secrets.land(byteLength, fill);
const FIELDS = fc.uniqueArray(
  fc.tuple(
    fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" }),
    fc.uint8Array({ minLength: 1, maxLength: 40 }),
  ),
  { minLength: 1, maxLength: 5, selector: ([name]) => name },
);

/** The fields, joined as plain bytes. */
function bytesOf(fields: readonly (readonly [string, Uint8Array])[]): Uint8Array<ArrayBuffer> {
  const list = fields.map(([name, bytes]) => [name, secrets.adopt(bytes)] as const);
  const joined = joinFields(secrets, list);
  const bytes = joined.expose((view) => new Uint8Array(view));
  for (const secret of [joined, ...list.map(([, each]) => each)]) secret.destroy();
  return bytes;
}

/** What they are split into, as plain bytes; null as it is. */
function partsOf(bytes: Uint8Array): readonly (readonly [string, number[]])[] | null {
  if (bytes.length === 0) return null;
  const joined = secrets.adopt(bytes);
  const fields = splitFields(joined, land);
  const parts = fields?.map(
    ([name, secret]) => [name, secret.expose((view) => [...view])] as const,
  );
  for (const secret of [joined, ...(fields ?? []).map(([, each]) => each)]) secret.destroy();
  return parts ?? null;
}

it("a record comes back as it was, and no part or extension of it does", () => {
  fc.assert(
    fc.property(FIELDS, fc.nat(), (fields, cut) => {
      const bytes = bytesOf(fields);
      expect(partsOf(bytes)).toEqual(fields.map(([name, value]) => [name, [...value]]));
      expect(partsOf(bytes.subarray(0, cut % bytes.length))).toBeNull();
      expect(partsOf(Uint8Array.of(...bytes, 0))).toBeNull();
      expect(secrets.stats.live).toBe(0);
    }),
    { numRuns: 200 },
  );
});

it("bytes of another form are not a record, whatever they say, and leave no secret", () => {
  fc.assert(
    fc.property(FIELDS, fc.array(fc.tuple(fc.nat(), fc.nat(255))), (fields, changes) => {
      const bytes = bytesOf(fields);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      const parts = partsOf(bytes);
      if (parts !== null) {
        const again = parts.map(([name, value]) => [name, Uint8Array.from(value)] as const);
        expect([...bytesOf(again)]).toEqual([...bytes]); // one form alone
      }
      expect(secrets.stats.live).toBe(0);
    }),
    { numRuns: 500 },
  );
});

it("two fields of one name are not a record", () => {
  const bytes = bytesOf([
    ["a", Uint8Array.of(1)],
    ["b", Uint8Array.of(2)],
  ]);
  bytes[bytes.indexOf(98)] = 97;
  expect(partsOf(bytes)).toBeNull();
});

it("a landing that fails leaves no field behind", () => {
  const joined = secrets.adopt(
    bytesOf([
      ["a", Uint8Array.of(1)],
      ["b", Uint8Array.of(2)],
    ]),
  );
  let landed = 0;
  const failing: typeof land = (byteLength, fill) => {
    landed += 1;
    if (landed === 2) throw new RangeError("full");
    return land(byteLength, fill);
  };
  expect(() => splitFields(joined, failing)).toThrow("full");
  expect(secrets.stats.live).toBe(1);
  joined.destroy();
});

it.each([
  "lethe/store 2\ndb\n1\n-\n",
  "lethe/store 1\ndb\n0\n-\n",
  "lethe/store 1\ndb\n01\n-\n",
  "lethe/store 1\ndb\n1\n-",
  "lethe/store 1\ndb\n1\n-\n\n",
  "lethe/store 1\nd b\n1\n-\n",
  "lethe/store 1\n\n1\n-\n",
  "lethe/store 1\ndb\n9999999999999999\n-\n",
  "lethe/store 1\ndb\n1\n9999999999999999\n",
  `lethe/store 1\n${"x".repeat(201)}\n1\n-\n`,
])("a context has one form: not %j", (text) => {
  expect(parseContext(new TextEncoder().encode(text))).toBeNull();
});

it("a context says what it was made of", () => {
  for (const context of [
    { key: "db/password", version: 1, end: null },
    { key: "x".repeat(200), version: Number.MAX_SAFE_INTEGER, end: 1_800_000_000_000 },
  ]) {
    expect(parseContext(formatContext(context))).toEqual(context);
  }
});

it("records and contexts are made where a test environment has no coders of text", async () => {
  vi.stubGlobal("TextEncoder", undefined);
  vi.stubGlobal("TextDecoder", undefined);
  try {
    vi.resetModules();
    const { formatContext } = await import("./stored_context.ts");
    const { joinFields, splitFields } = await import("./record_bytes.ts");
    const { openSecrets } = await import("../../memories/heap/mod.ts");
    const here = openSecrets();
    const joined = joinFields(here, [["näme", here.random(3)]]);
    const fields = splitFields(joined, (byteLength, fill) => here.land(byteLength, fill));
    expect(fields?.map(([name]) => name)).toEqual(["näme"]);
    expect(formatContext({ key: "db", version: 1, end: null }).length).toBe(21);
  } finally {
    vi.unstubAllGlobals();
    vi.resetModules();
  }
});
