import { describe, expect, it } from "vitest";
import { FIELD_BY_NAME, FIELD_BY_TAG, FIELDS } from "./fields.ts";
import {
  LAST_COUNTER,
  MAX_DATA,
  MAX_FRAME,
  MAX_META,
  MAX_SECRET,
  MOST_BYTES,
  MOST_SECRETS,
  PREFIX_BYTES,
  SALT_BYTES,
  SESSION_KEY_BYTES,
} from "./limits.ts";
import { OPERATIONS } from "./operation_names.ts";
import { meaningOf, STATUSES } from "./statuses.ts";

// Both ends of a channel take these numbers from the same files, so that no test of a session sees one change.
describe("the numbers of the channel", () => {
  it("of fields are their tags, forms and bounds, and new ones stand behind the old", () => {
    const fields = FIELDS.map(([name, { tag, kind, most }]) => `${tag} ${name} ${kind} ${most}`);
    const expected = [
      "1 name text 256",
      "2 other text 256",
      "3 text text 4096",
      "4 type text 16",
      "5 data bytes 65600",
      "6 additional bytes 16384",
      "7 mayLeave flag 1",
      "8 uses number 8",
      "9 expires number 8",
      "10 byteLength number 8",
      "11 hash text 16",
      "12 salt bytes 64",
      "13 passes number 8",
      "14 memoryBytes number 8",
      "15 code text 64",
      "16 message text 2048",
      "17 holds flag 1",
      "18 report text 65536",
      "19 secureHeap text 16",
      "20 relockMilliseconds number 8",
      "21 mask text 1",
      "22 descriptor number 8",
      "23 from number 8",
      "24 most number 8",
      "25 isNew flag 1",
      "26 tag bytes 65",
    ];
    expect(fields.slice(0, expected.length)).toEqual(expected);
    expect(FIELDS.map(([, { tag }]) => tag)).toEqual(FIELDS.map((_, index) => index + 1));
    for (const [name, field] of FIELDS) {
      expect([FIELD_BY_NAME.get(name), FIELD_BY_TAG.get(field.tag)]).toEqual([
        { name, ...field },
        { name, ...field },
      ]);
    }
  });

  it("of operations are their places, which never change", () => {
    const first =
      "open prompt put generate expose delete status close sign hmac encrypt decrypt derive equals " +
      "hashPassword verifyPassword withdraw verifyHmac isAuthentic";
    expect(OPERATIONS.slice(0, 19).join(" ")).toBe(first);
    expect(new Set(OPERATIONS).size).toBe(OPERATIONS.length);
  });

  it("bound what a peer can send, and how long a session may be", () => {
    expect([MAX_SECRET, MAX_DATA, MAX_META, MAX_FRAME]).toEqual([65_536, 65_536, 98_304, 163_896]);
    expect([SALT_BYTES, PREFIX_BYTES, SESSION_KEY_BYTES]).toEqual([16, 24, 64]);
    expect([LAST_COUNTER, MOST_SECRETS, MOST_BYTES]).toEqual([2 ** 48, 100_000, 268_435_456]);
  });

  it("of statuses are those of sysexits, with a meaning where it is a fault", () => {
    expect(STATUSES).toEqual({ closed: 0, failed: 70, refused: 76 });
    expect([0, 70, 76, 1].map(meaningOf)).toEqual([
      null,
      "a fault of the custodian itself",
      "something came over its channel that no application sends",
      null,
    ]);
  });
});
