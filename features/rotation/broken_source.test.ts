import { describe, expect, it } from "vitest";
import { openSecrets } from "../../memories/heap/mod.ts";
import { FakeClock } from "../../testing/features/rotation/fake_clock.ts";
import type { ReadContext, SecretRecord } from "../sources/mod.ts";
import { rotatingBy } from "./rotating.ts";

describe("a source that breaks its rules", () => {
  it("leaves nothing behind that it landed, and what it gives is looked at", async () => {
    const secrets = openSecrets();
    for (const [given, code, own] of [
      [() => Promise.reject(new Error("foreign")), undefined, 0],
      [() => ({ version: "a\nb", fields: new Map([["value", secrets.random(8)]]) }), FORMAT, 1],
      [() => ({ version: "1", fields: new Map() }), FORMAT, 0],
      [() => ({ version: "1", fields: new Map([["value", new Uint8Array(8)]]) }), FORMAT, 0],
      [() => ({ version: "1", fields: 7 }), undefined, 0],
      [() => null, undefined, 0],
    ] as const) {
      const source = {
        ...{ name: "broken", residue: [] },
        async read(_: string, { land }: ReadContext): Promise<SecretRecord> {
          land(8, (page) => void page.fill(1));
          const record = await given();
          return (record && { destroy: () => undefined, ...record }) as never;
        },
      };
      const opened = rotatingBy(new FakeClock())(secrets, source, "reference");
      const error = await opened.then(fail, (reason) => reason);
      expect(error.code).toBe(code);
      expect(secrets.stats.live).toBe(own); // what the test itself made
      secrets.purge();
    }
  });
});

const FORMAT = "ERR_LETHE_SOURCE_FORMAT";

function fail(): never {
  throw new Error("no");
}
