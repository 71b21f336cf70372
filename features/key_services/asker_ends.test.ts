import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ascii } from "../../testing/core/samples.ts";
import { errorOf } from "../../testing/features/key_services/stage.ts";
import { TransitDouble } from "../../testing/features/key_services/transit_double.ts";
import { plain, TransitStage } from "../../testing/features/key_services/transit_stage.ts";
import { SOAK } from "../../testing/tier.ts";
import type { KeyService } from "../envelopes/mod.ts";
import { secondsOf } from "./answer.ts";
import type { KeyServiceFetch, LendCredential } from "./mod.ts";

const stage = new TransitStage();
const { secrets, vault, service } = stage;

/** It answers nobody. One of its own: what gave up before it was sent may come late. */
const silent = new TransitDouble();

beforeAll(async () => {
  silent.trouble = "hang";
  await stage.start();
  await silent.start();
});
afterAll(async () => {
  await vault.stop();
  await silent.stop();
});
afterEach(() => stage.clear());

const wrap = (outer: KeyService): Promise<number> => stage.wrap(outer);

describe("a key service", () => {
  it("ASK-2: ends in time, whether or not its fetch obeys, and with the signal's reason", async () => {
    const deaf: KeyServiceFetch = () => new Promise(() => undefined);
    const endless: KeyServiceFetch = async () => ({
      ...plain(),
      body: new ReadableStream<Uint8Array>({}),
    });
    const never: LendCredential = () => new Promise(() => undefined);
    const ways = [
      { fetch: endless },
      { token: never },
      { fetch: deaf },
      { address: silent.address },
    ];
    for (const options of ways.slice(SOAK ? 0 : 2)) {
      const began = performance.now();
      const error = await errorOf(wrap(service({ ...options, timeout: 100, retries: 10 })));
      expect(error).toMatchObject({ fault: "timeout", status: null, code: "ERR_LETHE_WRAPPER" });
      expect(performance.now() - began).toBeLessThan(5000);
      const stop = new AbortController();
      const reason = new Error("mine");
      const pending = errorOf(wrap(service({ ...options, signal: stop.signal })));
      setTimeout(() => stop.abort(reason), 20);
      expect(await pending).toBe(reason);
      expect(await errorOf(wrap(service({ ...options, signal: stop.signal })))).toBe(reason);
    }
  });

  it("ASK-2: ends with its destruction, in the middle of a request and for good", async () => {
    let lent = 0;
    const token: LendCredential = (use) => {
      lent += 1;
      use(secrets.adopt(ascii(vault.token)));
    };
    const outer = service({ token, address: silent.address });
    const began = performance.now();
    const pending = errorOf(wrap(outer));
    setTimeout(() => outer.destroy(), 20);
    expect(await pending).toMatchObject({ code: "ERR_LETHE_DESTROYED" });
    expect(performance.now() - began).toBeLessThan(5000);
    outer.destroy();
    expect(await errorOf(wrap(outer))).toMatchObject({ code: "ERR_LETHE_DESTROYED" });
    expect(lent).toBe(1);
  });

  it("leaves no rejection unseen when the credential is lent for longer than the request", async () => {
    const unseen: unknown[] = [];
    const note = (reason: unknown): void => void unseen.push(reason);
    process.on("unhandledRejection", note);
    try {
      const token: LendCredential = async (use) => {
        const secret = secrets.adopt(ascii(vault.token));
        use(secret);
        await new Promise(() => undefined);
      };
      const failing: KeyServiceFetch = () => Promise.reject(new Error("failed"));
      const error = await errorOf(wrap(service({ token, fetch: failing, timeout: 100 })));
      expect(error.fault).toBe("timeout");
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(unseen).toEqual([]);
    } finally {
      process.off("unhandledRejection", note);
    }
  });

  it("ASK-4: asks again after what passes, and after nothing else", async () => {
    const body = { errors: ["no"] };
    for (const [trouble, times] of [
      ["reset", SOAK ? 3 : 2],
      [{ status: 503, body, headers: { "retry-after": "0" } }, 3],
      [{ status: 429, body, headers: { "retry-after": "0" } }, 3],
      [{ status: 400, body }, 1],
      [{ status: 403, body }, 1],
      ["text", 1],
      ["redirect", 1],
    ] as const) {
      vault.clear();
      vault.trouble = trouble;
      await errorOf(wrap(service({ retries: times - 1 || 2 })));
      expect([trouble, vault.came.length]).toEqual([trouble, times]);
    }
    vault.clear();
    vault.troubles.push("reset", { status: 503, body, headers: { "retry-after": "0" } });
    expect(await wrap(service({ retries: 2 }))).toBe(1);
    expect(vault.came.length).toBe(3);
  });

  it("ASK-4: waits as long as it is asked to, or fails at once where that is too long", async () => {
    const busy = (after: string) => ({
      status: 429,
      body: {},
      headers: { "retry-after": after },
    });
    if (SOAK) {
      vault.troubles.push(busy("1"));
      const began = performance.now();
      expect(await wrap(service({ retries: 1 }))).toBe(1);
      expect(performance.now() - began).toBeGreaterThan(990);
    }
    vault.trouble = busy("60");
    // Else it would be a timeout.
    const error = await errorOf(wrap(service({ retries: 9, timeout: 5000 })));
    expect(error).toMatchObject({ fault: "throttled", status: 429, retryAfter: 60 });
    // A wait is ended too.
    const stop = new AbortController();
    const pending = errorOf(wrap(service({ retries: 9, timeout: 90_000, signal: stop.signal })));
    setTimeout(() => stop.abort("mine"), 20);
    expect(await pending).toBe("mine");
  });

  it("reads Retry-After as RFC 9110 has it", () => {
    const soon = new Date(Date.now() + 30_000).toUTCString();
    expect(secondsOf("120")).toBe(120);
    expect(secondsOf(soon)).toBeGreaterThan(25);
    expect(secondsOf("Fri, 31 Dec 1999 23:59:59 GMT")).toBe(0);
    for (const text of [null, "", "-1", "1.5", "soon", "1e9", "2030-01-01", "9".repeat(30)]) {
      expect(secondsOf(text)).toBeNull();
    }
  });
});
