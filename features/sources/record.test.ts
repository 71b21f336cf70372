import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { openSecrets } from "../../memories/heap/mod.ts";
import { thrown } from "../../testing/core/samples.ts";
import { makeRecord } from "./record.ts";

const secrets = openSecrets();
const make = (): ReturnType<typeof makeRecord> =>
  makeRecord({
    version: "7",
    fields: [
      ["user", secrets.random(4)],
      ["value", secrets.random(8)],
    ],
    expiresAt: new Date(5),
  });

describe("a record", () => {
  it("gives its fields and destroys all of them, once", () => {
    const record = make();
    const { fields } = record;
    expect([record.field().byteLength, record.field("user").byteLength]).toEqual([8, 4]);
    expect(thrown(() => record.field("password")).code).toBe("ERR_LETHE_SOURCE_MISSING");
    record.destroy();
    record.destroy();
    expect([...fields.values()].map(({ state }) => state)).toEqual(["destroyed", "destroyed"]);
    expect(secrets.stats.live).toBe(0);
  });

  it("cannot be changed through what it gives", () => {
    const record = make();
    (record.fields as Map<string, unknown>).clear();
    record.expiresAt?.setTime(9);
    expect([record.fields.size, record.expiresAt?.getTime()]).toEqual([2, 5]);
    record.destroy();
  });

  it("shows its version and nothing else", () => {
    const record = make();
    for (const text of [String(record), inspect(record), JSON.stringify(record)]) {
      expect(text).toContain("SecretRecord(7, redacted)");
    }
    record.destroy();
  });

  it("is not made of anything else, and leaves the secrets to the caller then", () => {
    const secret = secrets.random(8);
    const wrong: unknown[] = [
      { version: "", fields: [["value", secret]] },
      { version: "a\nb", fields: [["value", secret]] },
      { version: "1", fields: [] },
      { version: "1", fields: [["value", new Uint8Array(8)]] },
      { version: "1", fields: [["", secret]] },
      {
        version: "1",
        fields: [
          ["value", secret],
          ["value", secret],
        ],
      },
      { version: "1", fields: [["value", secret]], expiresAt: new Date(Number.NaN) },
      { version: "1", fields: [["value", secret]], expires: new Date() },
    ];
    for (const parts of wrong)
      expect(thrown(() => makeRecord(parts as never))).toBeInstanceOf(TypeError);
    expect(secret.state).toBe("guarded");
    secret.destroy();
  });
});

it("the error for a field that is not there names a few of those that are", () => {
  const fields = Array.from(
    { length: 50 },
    (_, at) => [`${at}`.padEnd(200, "x"), secrets.random(1)] as const,
  );
  const record = makeRecord({ version: "1", fields });
  expect(() => record.field("y".repeat(10_000))).toThrow(
    /^.{0,2000}7x{199}" and more; name one of these$/,
  );
  record.destroy();
});
