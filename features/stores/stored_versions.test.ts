import { describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import { codeOf } from "../../testing/features/stores/code_of.ts";
import { openEnvelopes } from "../envelopes/mod.ts";
import { landingOf } from "../sources/mod.ts";
import { MemoryStore, openStoredSecrets } from "./mod.ts";

const secrets = openSecrets({ memory: "heap" });
const envelopes = openEnvelopes(secrets);
const [web1, web2] = [envelopes.createIdentity(), envelopes.createIdentity()];
const context = { land: landingOf(secrets) };

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A store, and what is opened over it. */
function scene() {
  const store = new MemoryStore();
  return { store, stored: openStoredSecrets(secrets, store) };
}

describe("stored secrets", () => {
  it("STORED-2: of another key are refused, and named", async () => {
    const { store, stored } = scene();
    for (const key of ["staging", "production"]) {
      await stored.publish(key, [["value", secrets.random(8)]], [web1]);
    }
    const [from, to] = [await store.read("staging"), await store.read("production")];
    await store.write("production", from?.envelope ?? new Uint8Array(1), {
      expected: to?.revision ?? null,
    });
    const read = stored.source([web1]).read("production", context);
    await expect(read).rejects.toThrow(/was published as "staging"/);
    expect(await codeOf(stored.readdress("production", [web1], [web2]))).toBe(
      "ERR_LETHE_SOURCE_UNTRUSTED",
    );
  });

  it("STORED-2: that were put back are refused by who saw the next version, and by nobody else", async () => {
    const { store, stored } = scene();
    await stored.publish("db", [["value", secrets.random(8)]], [web1]);
    const old = await store.read("db");
    await stored.publish("db", [["value", secrets.random(8)]], [web1]);
    const source = stored.source([web1]);
    (await source.read("db", context)).destroy();
    await store.write("db", old?.envelope ?? new Uint8Array(1), {
      expected: (await store.read("db"))?.revision ?? null,
    });
    const before = secrets.stats.live;
    await expect(source.read("db", context)).rejects.toThrow(
      /version \d+, and version \d+ was read/,
    );
    expect(secrets.stats.live).toBe(before);
    (await stored.source([web1]).read("db", context)).destroy();
  });

  it("STORED-2: are later than what was read, although the store forgot that or has an older one again", async () => {
    const { store, stored } = scene();
    const fields = [["value", secrets.random(8)] as const];
    const source = stored.source([web1]);
    await stored.publish("db", fields, [web1]);
    const backup = await store.read("db");
    for (let version = 0; version < 3; version++) {
      await stored.publish("db", fields, [web1]);
      (await source.read("db", context)).destroy();
    }
    const expected = (await store.read("db"))?.revision ?? null;
    await store.write("db", backup?.envelope ?? new Uint8Array(1), { expected });
    await pause(5); // versions are milliseconds
    await stored.publish("db", fields, [web1]);
    (await source.read("db", context)).destroy();
    await stored.remove("db"); // as etcd does when it has expired
    await pause(5);
    await stored.publish("db", fields, [web1]);
    (await source.read("db", context)).destroy();
  });

  it("STORED-2: that were read beside a later version are given all the same", async () => {
    const { store } = scene();
    let isSlow = true;
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow = {
      name: "slow",
      write: store.write.bind(store),
      remove: store.remove.bind(store),
      async read(key: string) {
        const found = await store.read(key);
        if (isSlow) await held;
        return found;
      },
    };
    const stored = openStoredSecrets(secrets, store);
    const older = await stored.publish("db", [["value", secrets.random(8)]], [web1]);
    const source = openStoredSecrets(secrets, slow).source([web1]);
    const first = source.read("db", context);
    await Promise.resolve();
    isSlow = false;
    const later = await stored.publish("db", [["value", secrets.random(8)]], [web1]);
    const second = await source.read("db", context);
    release();
    const records = [await first, second];
    expect(records.map(({ version }) => version)).toEqual([older, later]);
    for (const record of records) record.destroy();
  });

  it("STORED-2: with a version, an end or a byte that was altered are refused", async () => {
    const { store, stored } = scene();
    await stored.publish("db", [["value", secrets.random(8)]], [web1], {
      expiresAt: new Date(Date.now() + 60_000),
    });
    const found = await store.read("db");
    const whole = Buffer.from(found?.envelope ?? []);
    const stanza = whole.toString("latin1").indexOf("-> lethe/context\n") + 17;
    const lines = whole.toString("latin1").slice(stanza).split("\n");
    const forged = Buffer.from(lines[0] ?? "", "base64")
      .toString()
      .replace(/\n\d(\d+\n\d+\n)/, "\n9$1");
    const altered = Buffer.concat([
      whole.subarray(0, stanza),
      Buffer.from(Buffer.from(forged).toString("base64").replace(/=+$/, "")),
      whole.subarray(stanza + (lines[0]?.length ?? 0)),
    ]);
    expect(altered.length).toBe(whole.length);
    const flipped = Buffer.from(whole);
    flipped[whole.length - 1] = (flipped[whole.length - 1] ?? 0) ^ 1;
    let { revision = "" } = found ?? {};
    for (const bytes of [altered, flipped]) {
      revision = await store.write("db", new Uint8Array(bytes), { expected: revision });
      const read = stored.source([web1]).read("db", context);
      expect(await codeOf(read)).toBe("ERR_LETHE_SOURCE_UNTRUSTED");
    }
  });
});
