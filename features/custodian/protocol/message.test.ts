import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Fields } from "./fields.ts";
import { FIELDS } from "./fields.ts";
import { type Message, MessageWriter, readMessage } from "./message.ts";
import { OPERATIONS } from "./operation_names.ts";

const writer = new MessageWriter();

const VALUES = {
  text: (most: number) =>
    fc
      .string({ unit: "grapheme", maxLength: 40 })
      .filter((text) => Buffer.byteLength(text) <= most && text.isWellFormed()),
  bytes: (most: number) => fc.uint8Array({ maxLength: Math.min(most, 300) }),
  number: () => fc.double({ noNaN: true, noDefaultInfinity: true }),
  flag: () => fc.boolean(),
} as const;

const fields = fc.record(
  Object.fromEntries(FIELDS.map(([name, { kind, most }]) => [name, VALUES[kind](most)])),
  { requiredKeys: [] },
) as fc.Arbitrary<Fields>;

const message: fc.Arbitrary<Message> = fc.record({
  kind: fc.constantFrom("request", "response", "refusal"),
  id: fc.nat({ max: 2 ** 32 - 1 }),
  operation: fc.constantFrom(...OPERATIONS),
  fields,
});

describe("a message", () => {
  it("is read as it was written", () => {
    fc.assert(
      fc.property(message, (original) => {
        const read = readMessage(writer.write(original));
        expect({ ...read, fields: { ...read.fields } }).toEqual({
          ...original,
          fields: { ...original.fields },
        });
      }),
    );
  });

  it("has texts in UTF-8, short and long, and no other byte passes for a character", () => {
    for (const length of [1, 12, 200]) {
      const text = `${"x".repeat(length - 1)}\x7f`;
      const written = writer.write({
        ...{ kind: "request", id: 1, operation: OPERATIONS[0] },
        fields: { text },
      } as Message);
      const bytes = written.slice();
      const at = bytes.lastIndexOf(0x7f);
      expect(readMessage(bytes).fields).toEqual({ text });
      for (const wrong of [0x80, 0xa9, 0xff]) {
        bytes[at] = wrong;
        expect(() => readMessage(bytes)).toThrow(
          expect.objectContaining({ code: "ERR_LETHE_CHANNEL" }),
        );
      }
    }
  });

  it("has one form: whatever can be read is written the same way again", () => {
    const written = message.map((original) => writer.write(original).slice());
    const changed = fc
      .tuple(written, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 4 }))
      .map(([bytes, changes]) => {
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(changed, fc.uint8Array({ minLength: 1, maxLength: 64 })), (bytes) => {
        let read: Message;
        try {
          read = readMessage(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: "ERR_LETHE_CHANNEL" });
          return;
        }
        expect([...writer.write(read)]).toEqual([...bytes]);
      }),
      { numRuns: 2000 },
    );
  });

  it("is a kind, an operation, a number and its fields by their tags, with lengths and numbers big-endian", () => {
    const given = { uses: 1.5, mayLeave: true, holds: false, data: Uint8Array.of(7, 8), name: "é" };
    const written = writer.write({
      kind: "response",
      id: 0xa1020304,
      operation: "sign",
      fields: { ...given, other: undefined, unknown: 1 } as unknown as Fields,
    });
    expect([...written]).toEqual([
      ...[1, 8, 0xa1, 2, 3, 4],
      ...[1, 0, 0, 0, 2, 0xc3, 0xa9],
      ...[5, 0, 0, 0, 2, 7, 8],
      ...[7, 0, 0, 0, 1, 1],
      ...[8, 0, 0, 0, 8, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0],
      ...[17, 0, 0, 0, 1, 0],
    ]);
    const { fields, ...head } = readMessage(written);
    expect([head, { ...fields }]).toEqual([
      { kind: "response", id: 0xa1020304, operation: "sign" },
      given,
    ]);
    written.fill(0);
    expect(fields.data).toEqual(Uint8Array.of(7, 8)); // a copy
    expect(Object.getPrototypeOf(fields)).toBe(null);
    const empty = readMessage(Uint8Array.of(2, 0, 0, 0, 0, 1));
    expect([empty.kind, empty.operation, empty.id, empty.fields]).toEqual([
      "refusal",
      "open",
      1,
      Object.create(null),
    ]);
    expect(Object.isFrozen(empty.fields)).toBe(true);
  });

  it("has room for each field up to its bound, and text that is not ASCII at any length", () => {
    for (const [name, { kind, most }] of FIELDS) {
      const full = {
        text: "x".repeat(most),
        bytes: new Uint8Array(most).fill(5),
        number: 1,
        flag: true,
      };
      const value = full[kind];
      const { fields } = readMessage(
        writer.write({ kind: "request", id: 1, operation: "put", fields: { [name]: value } }),
      );
      const read = fields[name];
      if (kind === "bytes") expect(Buffer.compare(read as never, value as never)).toBe(0);
      else expect(read).toBe(value);
      if (kind === "number" || kind === "flag") continue;
      const longer = kind === "text" ? `${value as string}x` : new Uint8Array(most + 1);
      expect(() =>
        writer.write({ kind: "request", id: 1, operation: "put", fields: { [name]: longer } }),
      ).toThrow(`Cannot send message as ${name} must have ${most} bytes at most`);
    }
    for (const text of ["", "\u007f", "\u0080", `${"x".repeat(63)}é`, "x".repeat(65), "\ufeffx"]) {
      const bytes = writer.write({ kind: "request", id: 1, operation: "put", fields: { text } });
      expect(readMessage(bytes).fields.text).toBe(text);
    }
  });

  it("is refused by its writer when a value is too long, and names the field", () => {
    const write = (given: Fields) => () =>
      writer.write({ kind: "request", id: 1, operation: "put", fields: given });
    expect(write({ name: "x".repeat(257) })).toThrow(/name must have 256 bytes at most/);
    expect(write({ name: "é".repeat(129) })).toThrow(RangeError);
    expect(write({ salt: new Uint8Array(65) })).toThrow(RangeError);
    expect(write({ data: new Uint8Array(65_600), report: "x".repeat(65_536), name: "x" })).toThrow(
      RangeError,
    );
    expect(write({ name: "é".repeat(128) })).not.toThrow();
  });

  it.each([
    ["no head", []],
    ["a kind that is none", [3, 0, 0, 0, 0, 0]],
    ["an operation that is none", [0, OPERATIONS.length, 0, 0, 0, 0]],
    ["half a field", [0, 0, 0, 0, 0, 0, 1, 0, 0]],
    ["a tag that is none", [0, 0, 0, 0, 0, 0, 99, 0, 0, 0, 0]],
    ["a field twice", [0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0]],
    ["fields out of order", [0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0]],
    ["a value that is not there", [0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 9]],
    ["a value that is too long", [0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 2, 1, 1]],
    ["a flag of no byte", [0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0]],
    ["text of a byte that only continues", [0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0x80]],
    ["a number of seven bytes", [0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 7, 1, 1, 1, 1, 1, 1, 1]],
    ["an endless number", [0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 8, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0]],
    ["less than a head", [0, 0, 0, 0, 0]],
    ["a tag of 0", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ["a byte behind its fields", [0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 1, 1, 8]],
    [
      "a value longer than its field may be",
      [0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 17, ...Array(17).fill(65)],
    ],
    [
      "text longer than is looked at, and not UTF-8",
      [0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 65, ...Array(65).fill(0xff)],
    ],
    ["a flag of two", [0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 1, 2]],
    ["text that is not UTF-8", [0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0xff]],
    ["a number that is none", [0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 8, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0]],
  ])("is malformed with %s", (_, bytes) => {
    expect(() => readMessage(Uint8Array.from(bytes))).toThrow(/a message is malformed/);
  });
});
