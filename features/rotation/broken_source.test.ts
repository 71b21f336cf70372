import { describe, expect, it } from "vitest";
import { openSecrets } from "../../memories/heap/mod.ts";
import { FakeClock, settle } from "../../testing/features/rotation/fake_clock.ts";
import { Stage } from "../../testing/features/rotation/stage.ts";
import { makeRecord, type ReadContext, type SecretRecord } from "../sources/mod.ts";
import type { LentRecord } from "./lent_record.ts";
import { rotatingBy } from "./rotating.ts";

describe("a source that breaks its rules", () => {
  it("leaves nothing behind that it landed, and what it gives is looked at", async () => {
    const secrets = openSecrets();
    for (const [given, code, own] of [
      [() => Promise.reject(new Error("foreign")), undefined, 0],
      [() => ({ version: "a\nb", fields: new Map([["value", secrets.random(8)]]) }), FORMAT, 1],
      [() => ({ version: "1", fields: new Map() }), FORMAT, 0],
      [() => ({ version: "1", fields: new Map([["value", new Uint8Array(8)]]) }), FORMAT, 0],
      [() => ({ version: "1", fields: 7 }), FORMAT, 0],
      [() => null, FORMAT, 0],
      [() => undefined, FORMAT, 0],
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

  it("serves other bytes also where they come under the version that was", async () => {
    const secrets = openSecrets();
    let reads = 0;
    const source = {
      ...{ name: "broken", residue: [] },
      async read(_: string, { land }: ReadContext): Promise<SecretRecord> {
        reads += 1;
        const value = land(8, (page) => void page.fill(reads));
        return makeRecord({ version: "..data", fields: [["value", value]] });
      },
    };
    const rotating = await rotatingBy(new FakeClock())(secrets, source, "reference");
    expect(await rotating.refresh()).toBe("..data");
    const first = (record: LentRecord | undefined): unknown =>
      record?.field().expose((bytes) => bytes[0]);
    const served = rotating.use((current, previous) => [first(current), first(previous)]);
    expect(served).toEqual([2, 1]);
    rotating.close();
    expect(secrets.stats.live).toBe(0);
  });

  it("ROTATE-5 goes on beside the next read where it does not obey its signal, and what it gives is destroyed", async () => {
    const stage = new Stage();
    const rotating = await stage.start(null, { timeout: 1000, overlap: 0 });
    const failed = expect(rotating.refresh()).rejects.toMatchObject({ code: TIMEOUT });
    await settle();
    const [deaf] = stage.source.pending;
    deaf?.land();
    await stage.advance(1000);
    await failed;
    expect([stage.source.pending, deaf?.signal?.aborted]).toEqual([[deaf], true]);
    stage.store(null);
    const next = rotating.refresh();
    await settle();
    expect(stage.source.pending.length).toBe(2);
    stage.source.pending[1]?.answer();
    const served = await next;
    deaf?.answer();
    await settle();
    expect([rotating.version, stage.live]).toEqual([served, 2]);
    expect(stage.source.lastStored).toBeLessThan(Number(served)); // it gave an older version
  });
});

const TIMEOUT = "ERR_LETHE_SOURCE_TIMEOUT";
const FORMAT = "ERR_LETHE_SOURCE_FORMAT";

function fail(): never {
  throw new Error("no");
}
