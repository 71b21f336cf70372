import { describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import { runSourceConformance } from "../../conformance/sources/run_source_conformance.ts";
import type { SecretBuffer } from "../../core/mod.ts";
import { codeOf } from "../../testing/features/stores/code_of.ts";
import { FAULTY } from "../../testing/features/stores/faulty_stores.ts";
import { openEnvelopes } from "../envelopes/mod.ts";
import { rotating } from "../rotation/mod.ts";
import { landingOf } from "../sources/mod.ts";
import { MemoryStore, openStoredSecrets, runStoreConformance } from "./mod.ts";

const secrets = openSecrets({ memory: "heap" });
const envelopes = openEnvelopes(secrets);
const [web1, web2] = [envelopes.createIdentity(), envelopes.createIdentity()];
const context = { land: landingOf(secrets) };

/** A store, and what is opened over it. */
function scene() {
  const store = new MemoryStore();
  return { store, stored: openStoredSecrets(secrets, store) };
}

describe("the suite of stores", () => {
  it("finds no fault in a store in memory", async () => {
    expect(await runStoreConformance({ store: new MemoryStore() })).toEqual([]);
  });

  it.each(FAULTY)("finds %s in one that %s", async (rule, _how, make) => {
    const faults = await runStoreConformance({ store: make(), noticeWithin: 20 });
    expect(faults.map((fault) => fault.rule)).toContain(rule);
  });
});

describe("stored secrets", () => {
  it("come back as a record, field by field, and leave no secret", async () => {
    const { stored } = scene();
    const [user, password] = [secrets.random(9), secrets.random(300)];
    const before = secrets.stats.live;
    const fields = [["user", user] as const, ["mot de passe ☂", password] as const];
    const version = await stored.publish("db/login", fields, [web1, web2]);
    const record = await stored.source([web2]).read("db/login", context);
    expect(record.version).toBe(version);
    expect([...record.fields.keys()]).toEqual(["user", "mot de passe ☂"]);
    expect(record.field("user").equals(user)).toBe(true);
    expect(record.field("mot de passe ☂").equals(password)).toBe(true);
    expect(secrets.stats.live).toBe(before + 2);
    record.destroy();
    for (const secret of [user, password]) secret.destroy();
  });

  it("are a source that keeps the rules of sources", async () => {
    const { store, stored } = scene();
    let number = 0;
    const report = await runSourceConformance({
      source: () => stored.source([web1]),
      async put(content) {
        number += 1;
        const reference = `source-${number}`;
        if (content.length === 0) return reference;
        const secret = secrets.adopt(content);
        await stored.publish(reference, [["value", secret]], [web1]);
        secret.destroy();
        return reference;
      },
      missing: () => "none",
      async change(reference, content) {
        const secret = secrets.adopt(content);
        await stored.publish(reference, [["value", secret]], [web1]);
        secret.destroy();
      },
    });
    expect(report.failed).toEqual([]);
    expect(store.name).toBe("memory");
  });

  it("STORED-1: show the store no byte of a secret, a field's name included", async () => {
    const { store, stored } = scene();
    const password = secrets.random(40);
    await stored.publish("db", [["colour", password]], [web1]);
    const { envelope } = (await store.read("db")) ?? { envelope: new Uint8Array() };
    const seen = Buffer.from(envelope);
    for (let at = 0; at + 6 <= 40; at++) {
      const piece = password.expose((bytes) => Buffer.from(bytes.subarray(at, at + 6)));
      expect(seen.includes(piece)).toBe(false);
    }
    expect(seen.includes("colour")).toBe(false);
    expect(seen.includes("lethe/store 1")).toBe(false); // base64, in a stanza
    expect(envelopes.inspect(envelope).context?.length).toBeGreaterThan(0);
    password.destroy();
  });

  it("STORED-3: that several publish at once are published by one", async () => {
    const { stored } = scene();
    const fields = [["value", secrets.random(8)] as const];
    const done = await Promise.allSettled(
      [1, 2, 3, 4].map(() => stored.publish("db", fields, [web1])),
    );
    const failed = done.filter((one) => one.status === "rejected");
    expect(failed.map(({ reason }) => reason.code)).toEqual(
      Array(3).fill("ERR_LETHE_STORE_CONFLICT"),
    );
  });

  it("STORED-3: are not published over what came while they were sealed", async () => {
    const { stored } = scene();
    let published = "";
    const fields = [["value", secrets.random(8)] as const];
    const meddling: typeof web1 = Object.create(web1, {
      wrap: {
        async value(fileKey: SecretBuffer) {
          published = await stored.publish("db", fields, [web1]);
          return await web1.wrap(fileKey);
        },
      },
    });
    expect(await codeOf(stored.publish("db", fields, [meddling]))).toBe("ERR_LETHE_STORE_CONFLICT");
    const before = secrets.stats.live;
    const record = await stored.source([web1]).read("db", context);
    expect(record.version).toBe(published);
    record.destroy();
    expect(secrets.stats.live).toBe(before);
  });

  it("STORED-4: that expired are not given", async () => {
    const { stored } = scene();
    const fields = [["value", secrets.random(8)] as const];
    await stored.publish("db", fields, [web1], { expiresAt: new Date(Date.now() + 60_000) });
    const record = await stored.source([web1]).read("db", context);
    expect(record.expiresAt?.getTime()).toBeGreaterThan(Date.now() + 50_000);
    record.destroy();
    await stored.publish("db", fields, [web1], { expiresAt: new Date(Date.now() - 1) });
    const before = secrets.stats.live;
    const read = stored.source([web1]).read("db", context);
    expect(await codeOf(read)).toBe("ERR_LETHE_SOURCE_EXPIRED");
    expect(secrets.stats.live).toBe(before);
  });

  it("are opened by whom they are readdressed to, and keep version, end and key", async () => {
    const { stored } = scene();
    const end = new Date(Date.now() + 60_000);
    const fields = [["value", secrets.random(8)] as const];
    const first = await stored.publish("db", fields, [web1], { expiresAt: end });
    const read = stored.source([web2]).read("db", context);
    expect(await codeOf(read)).toBe("ERR_LETHE_SOURCE_DENIED");
    const version = first.replace("@1", "@2");
    expect(await stored.readdress("db", [web1], [web2])).toBe(version);
    const record = await stored.source([web2]).read("db", context);
    expect([record.version, record.expiresAt?.getTime()]).toEqual([version, end.getTime()]);
    record.destroy();
    await stored.remove("db");
    await stored.remove("db");
    expect(await codeOf(stored.source([web2]).read("db", context))).toBe(
      "ERR_LETHE_SOURCE_MISSING",
    );
  });

  it("rotate as they are published, through an outage of the store", async () => {
    const { store, stored } = scene();
    const first = await stored.publish("db", [["value", secrets.random(8)]], [web1]);
    const events: string[] = [];
    const login = await rotating(secrets, stored.source([web1]), "db", {
      pollEvery: 100,
      onEvent: (event) => void events.push(event.kind),
    });
    expect(login.version).toBe(first);
    store.fail("ERR_LETHE_STORE_UNAVAILABLE");
    await login.refresh().catch(() => undefined);
    expect(login.version).toBe(first);
    store.recover();
    const next = await stored.publish("db", [["value", secrets.random(8)]], [web1]);
    expect(await login.refresh()).toBe(next);
    expect(events).toContain("refresh-failed");
    login.close();
  });

  it("end with a typed error for what others put there", async () => {
    const { store, stored } = scene();
    const foreign = await envelopes.seal(secrets.random(8), [web1]);
    const noRecord = await envelopes.seal(secrets.random(8), [web1], {
      context: new TextEncoder().encode("lethe/store 1\ndb\n1\n-\n"),
    });
    let revision: string | null = null;
    for (const bytes of [foreign, noRecord, new Uint8Array(200)]) {
      revision = await store.write("db", bytes, { expected: revision });
      const before = secrets.stats.live;
      const read = stored.source([web1]).read("db", context);
      expect(await codeOf(read)).toBe("ERR_LETHE_SOURCE_FORMAT");
      expect(secrets.stats.live).toBe(before);
    }
    const publish = stored.publish("db", [["value", secrets.random(8)]], [web1]);
    expect(await codeOf(publish)).toBe("ERR_LETHE_STORE_FAILED");
  });

  it("refuse wrong arguments, without quoting one", async () => {
    const { store, stored } = scene();
    const good = secrets.random(8);
    await expect(stored.publish("a b", [["value", good]], [web1])).rejects.toThrow(TypeError);
    await expect(stored.publish("db", [], [web1])).rejects.toThrow(RangeError);
    const twice = [["value", good] as const, ["value", good] as const];
    await expect(stored.publish("db", twice, [web1])).rejects.toThrow(TypeError);
    const plain = [["value", new Uint8Array(8)]] as never;
    await expect(stored.publish("db", plain, [web1])).rejects.toThrow(/must be a SecretBuffer/);
    await expect(store.write("db", good as never, { expected: null })).rejects.toThrow(TypeError);
    expect(() => stored.source([])).toThrow(RangeError);
    expect(() => stored.source([{}] as never)).toThrow(TypeError);
    expect(() => openStoredSecrets(secrets, {} as never)).toThrow(TypeError);
    expect(() => openStoredSecrets({} as never, store)).toThrow(TypeError);
  });
});
