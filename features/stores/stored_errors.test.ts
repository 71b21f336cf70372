import { describe, expect, it } from "vitest";
import { LetheError, openSecrets } from "../../adapters/node/mod.ts";
import type { Identity } from "../../core/contract/key_wrapper.ts";
import type { Secrets } from "../../core/mod.ts";
import { endingsOfPurges, PURGED_OR_DONE } from "../../testing/core/purges.ts";
import { codeOf } from "../../testing/features/stores/code_of.ts";
import { openEnvelopes } from "../envelopes/mod.ts";
import { landingOf } from "../sources/mod.ts";
import { MemoryStore, openStoredSecrets, type StoredSecrets } from "./mod.ts";

const secrets = openSecrets({ memory: "heap" });
const envelopes = openEnvelopes(secrets);
const [web1, web2] = [envelopes.createIdentity(), envelopes.createIdentity()];
const context = { land: landingOf(secrets) };

/** A store, and what is opened over it. */
function scene() {
  const store = new MemoryStore();
  return { store, stored: openStoredSecrets(secrets, store) };
}

describe("stored secrets", () => {
  it("end with a typed error for nothing, for an end that is not a time, and for more fields than there may be", async () => {
    const { store, stored } = scene();
    const foreign = async (content: Uint8Array, end: string): Promise<Uint8Array> =>
      await envelopes.seal(content, [web1], {
        context: new TextEncoder().encode(`lethe/store 1\ndb\n1\n${end}\n`),
      });
    const crowd = new Uint8Array(2 ** 19);
    crowd.set([1, 255, 255]);
    let revision: string | null = null;
    for (const bytes of [
      await foreign(new Uint8Array(0), "-"),
      await foreign(new Uint8Array(9), "9000000000000000"),
      await foreign(crowd, "-"),
    ]) {
      revision = await store.write("db", bytes, { expected: revision });
      const read = stored.source([web1]).read("db", context);
      expect(await codeOf(read)).toBe("ERR_LETHE_SOURCE_FORMAT");
    }
  });

  it("are given up with the signal while an identity opens them, and what comes later is destroyed", async () => {
    const { stored } = scene();
    const value = secrets.random(8);
    await stored.publish("db", [["value", value]], [web1]);
    value.destroy();
    const [asked, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const slow: Identity = {
      ...{ name: "slow", version: null, residue: null },
      async unwrap(...given) {
        asked.resolve();
        await gate.promise;
        return await web1.unwrap(...given);
      },
    };
    const before = secrets.stats.live;
    const stop = new AbortController();
    const reading = stored.source([slow]).read("db", { ...context, signal: stop.signal });
    await asked.promise;
    const reason = new Error("of the test");
    stop.abort(reason);
    await expect(reading).rejects.toBe(reason);
    gate.resolve();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(secrets.stats.live).toBe(before);
  });

  it("say of a store of somebody else that answers by forms of its own what it did", async () => {
    const good = { name: "odd", write: async () => "1", remove: async () => undefined };
    const envelope = await envelopes.seal(secrets.random(8), [web1]);
    for (const found of [
      undefined,
      {},
      { envelope },
      { envelope, revision: 7 },
      { envelope, revision: "a\n" },
      { envelope, revision: "x".repeat(101) },
      { envelope: [...envelope], revision: "7" },
    ]) {
      const stored = openStoredSecrets(secrets, { ...good, read: async () => found as never });
      const read = stored.source([web1]).read("db", context);
      expect(await codeOf(read)).toBe("ERR_LETHE_SOURCE_FAILED");
      const publish = stored.publish("db", [["value", secrets.random(8)]], [web1]);
      expect(await codeOf(publish)).toBe("ERR_LETHE_STORE_FAILED");
    }
    const writing = { ...good, read: async () => null, write: async () => 7 as never };
    const stored = openStoredSecrets(secrets, writing);
    const publish = stored.publish("db", [["value", secrets.random(8)]], [web1]);
    expect(await codeOf(publish)).toBe("ERR_LETHE_STORE_UNKNOWN");
  });

  it.each([
    ["the disk is full", "the disk is full"],
    ["Cannot read db: the disk is full", "the disk is full"],
    ["Cannot read db: it says: full", "it says: full"],
  ])("hand on what a store says by %j", async (message, reason) => {
    const stored = openStoredSecrets(secrets, {
      name: "odd",
      write: async () => "1",
      remove: async () => undefined,
      read: async () => {
        throw new LetheError("ERR_LETHE_STORE_FAILED", message);
      },
    });
    const read = stored.source([web1]).read("db", context);
    await expect(read).rejects.toThrow(`Cannot read secret from odd "db": ${reason}`);
  });

  it("are readdressed with the errors of reading", async () => {
    const { store, stored } = scene();
    await stored.publish("db", [["value", secrets.random(8)]], [web1]);
    expect(await codeOf(stored.readdress("db", [web2], [web1]))).toBe("ERR_LETHE_SOURCE_DENIED");
    const broken: typeof web1 = Object.create(web1, {
      wrap: { value: () => Promise.reject(new LetheError("ERR_LETHE_WRAPPER", "Cannot wrap: x")) },
    });
    expect(await codeOf(stored.readdress("db", [web1], [broken]))).toBe("ERR_LETHE_WRAPPER");
    const { envelope, revision } = (await store.read("db")) ?? { envelope: null, revision: "" };
    if (envelope === null) throw new Error("nothing there");
    const at = Buffer.from(envelope).indexOf("\n--- ") + 6;
    envelope[at] = (envelope[at] ?? 0) === 65 ? 66 : 65;
    await store.write("db", envelope, { expected: revision });
    expect(await codeOf(stored.readdress("db", [web1], [web2]))).toBe("ERR_LETHE_SOURCE_UNTRUSTED");
  });

  const CALLS: Readonly<Record<string, (stored: StoredSecrets, own: Secrets) => Promise<unknown>>> =
    {
      publish: (stored, own) => stored.publish("db", [["value", own.random(8)]], [web1]),
      readdress: (stored) => stored.readdress("db", [web1], [web2]),
      read: (stored) => stored.source([web1]).read("db", context),
    };

  it.each(Object.entries(CALLS))(
    "see no misuse in a purge at any wait of %s",
    async (_name, call) => {
      const { store, stored } = scene();
      await stored.publish("db", [["value", secrets.random(8)]], [web1]);
      const kept = (await store.read("db"))?.envelope ?? new Uint8Array(1);
      const endings = await endingsOfPurges(async () => {
        const copy = new MemoryStore();
        await copy.write("db", kept, { expected: null });
        return (own) => call(openStoredSecrets(own, copy), own);
      });
      expect(endings).toEqual(PURGED_OR_DONE);
    },
  );
});
