import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { SecretBuffer } from "../../core/contract/secret_buffer.ts";
import { LetheError } from "../../core/mod.ts";
import { ascii } from "../../testing/core/samples.ts";
import { errorOf } from "../../testing/features/key_services/stage.ts";
import { TransitStage } from "../../testing/features/key_services/transit_stage.ts";
import type { KeyService } from "../envelopes/mod.ts";
import { rotating } from "../rotation/mod.ts";
import { landingOf, MemorySource } from "../sources/mod.ts";
import { type KeyServiceFetch, type LendCredential, openTransitService } from "./mod.ts";

const stage = new TransitStage();
const { secrets, vault, service } = stage;

beforeAll(() => stage.start());
afterAll(() => vault.stop());
afterEach(() => stage.clear());

const wrap = (outer: KeyService): Promise<number> => stage.wrap(outer);

describe("a credential", () => {
  it("is copied, and the bytes that were given are wiped; of a refused one they are untouched", async () => {
    const token = ascii(vault.token);
    const outer = service({ token });
    expect(token.every((byte) => byte === 0)).toBe(true);
    expect(await wrap(outer)).toBe(1);
    const lender = secrets.adopt(ascii(vault.token));
    const other = service({ token: lender });
    lender.destroy();
    expect(await wrap(other)).toBe(1);
    const live = secrets.stats.live;
    for (const text of [" a", "a\n", "a\r\nx: y", "ä", "\0", "x".repeat(16_385)]) {
      const wrong = ascii(text);
      expect(() => service({ token: wrong })).toThrow(/visible ASCII/);
      expect(wrong).toEqual(ascii(text));
    }
    for (const wrong of ["text", 7, null, undefined, {}, new Uint8Array(0)]) {
      expect(() => service({ token: wrong as never })).toThrow(/as token must/);
    }
    expect(secrets.stats.live).toBe(live);
    outer.destroy();
    expect(secrets.stats.live).toBe(live - 1);
  });

  it("that is lent is asked for at each request, and used while it is lent", async () => {
    const lent: string[] = [];
    const tokens = [ascii("hvs.old"), ascii(vault.token)];
    const token: LendCredential = async (use) => {
      const secret = secrets.adopt(tokens[lent.length] ?? ascii("none"));
      lent.push("one");
      use(secret);
      secret.destroy();
    };
    const outer = service({ token });
    expect((await errorOf(wrap(outer))).fault).toBe("denied");
    expect(await wrap(outer)).toBe(1);
    expect(lent).toEqual(["one", "one"]);
    expect(vault.came.map(({ headers }) => headers["x-vault-token"])).toEqual([
      "hvs.old",
      vault.token,
    ]);
  });

  it("comes from a source that rotates, or from one that is read for each request", async () => {
    const source = new MemorySource();
    const put = (text: string): void =>
      source.set("token", [["value", secrets.adopt(ascii(text))]]);
    put("hvs.old");
    const login = await rotating(secrets, source, "token");
    const rotated = service({ token: (use) => login.use((record) => use(record.field())) });
    const read = service({
      async token(use) {
        const record = await source.read("token", { land: landingOf(secrets) });
        use(record.field());
        record.destroy();
      },
    });
    for (const outer of [rotated, read]) expect((await errorOf(wrap(outer))).fault).toBe("denied");
    put(vault.token);
    await login.refresh();
    const before = secrets.stats.live;
    for (const outer of [rotated, read]) expect(await wrap(outer)).toBe(1);
    expect(secrets.stats.live - before).toBe(4); // two identities and two file keys of this test
    login.close();
  });

  const secret = (): SecretBuffer => secrets.adopt(ascii("hvs.x"));

  it.each<[string, (use: (lent: SecretBuffer) => void) => unknown, RegExp]>([
    ["lends none", () => undefined, /lent none; call what it is given/],
    ["lends text", (use) => use("text" as never), /lent no SecretBuffer/],
    ["lends plain bytes", (use) => use(ascii("hvs.x") as never), /lent no SecretBuffer/],
    ["lends a line break", (use) => use(secrets.adopt(ascii("hvs.x\n"))), /visible ASCII/],
    [
      "lends one that is gone",
      (use) => {
        const one = secret();
        one.destroy();
        use(one);
      },
      /ERR_LETHE_DESTROYED/,
    ],
    [
      "throws",
      () => {
        throw new Error("hvs.secret");
      },
      /the function token failed; correct/,
    ],
    [
      "rejects",
      async () => {
        throw new LetheError("ERR_LETHE_SOURCE_EXPIRED", "hvs.secret");
      },
      /failed \(ERR_LETHE_SOURCE_EXPIRED\)/,
    ],
  ])("that is lent by a function which %s is a fault of its own", async (_what, token, message) => {
    const error = await errorOf(wrap(service({ token: token as never, retries: 2 })));
    expect(error).toMatchObject({ fault: "credential", code: "ERR_LETHE_WRAPPER", status: null });
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain("hvs.");
    expect(vault.came).toEqual([]);
  });

  it("is taken once, and not any more when the request is over", async () => {
    let late: ((lent: SecretBuffer) => void) | undefined;
    let second: unknown;
    const token: LendCredential = (use) => {
      late = use as typeof late;
      use(secrets.adopt(ascii(vault.token)));
      try {
        use(secret());
      } catch (error) {
        second = error;
      }
    };
    expect(await wrap(service({ token }))).toBe(1);
    expect(String(second)).toMatch(/lent once/);
    expect(() => late?.(secret())).toThrow(/lent once/);
    expect(vault.came).toHaveLength(1);
  });

  it("is not blamed where there is no secret memory left for it", async () => {
    const full = Object.create(secrets, {
      allocate: {
        value() {
          throw new LetheError("ERR_LETHE_LOCK", "Cannot lock 4096 bytes");
        },
      },
    }) as typeof secrets;
    const token: LendCredential = (use) => use(secret());
    const own = { address: vault.address, key: "one", token, httpOnLoopback: true };
    const error = await errorOf(wrap(openTransitService(full, own)));
    expect([error.code, error.message]).toEqual(["ERR_LETHE_LOCK", "Cannot lock 4096 bytes"]);
    expect(vault.came).toEqual([]);
  });

  it("that was lent by a function which fails then ends the request, and its answer is not read", async () => {
    const fail = async (): Promise<never> => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      throw new Error("hvs.late");
    };
    for (const [after, answers] of [
      [fail, 0],
      [fail, 20],
      [(): Promise<never> => new Promise(() => undefined), 0],
    ] as const) {
      let isCancelled = false;
      let signal: AbortSignal | undefined;
      const cancelled = Promise.withResolvers<void>();
      const fetch: KeyServiceFetch = async (_url, request) => {
        signal = request.signal;
        await new Promise((resolve) => setTimeout(resolve, answers));
        const body = new ReadableStream<Uint8Array>({
          cancel() {
            isCancelled = true;
            cancelled.resolve();
          },
        });
        return { status: 200, headers: new Headers(), body };
      };
      const token: LendCredential = async (use) => {
        use(secrets.adopt(ascii(vault.token)));
        await after();
      };
      const error = await errorOf(wrap(service({ token, fetch, timeout: 100 })));
      expect(error.fault).toBe(after === fail ? "credential" : "timeout");
      expect(signal?.aborted).toBe(true);
      await Promise.race([cancelled.promise, new Promise((resolve) => setTimeout(resolve, 500))]);
      expect(isCancelled).toBe(true);
    }
  });

  it("is not taken when the time of its request is over, and nothing is sent", async () => {
    let late: ((lent: SecretBuffer) => void) | undefined;
    const token: LendCredential = (use) => {
      late = use as typeof late;
      return new Promise(() => undefined);
    };
    expect((await errorOf(wrap(service({ token, timeout: 100 })))).fault).toBe("timeout");
    expect(() => late?.(secret())).toThrow(/lent once, for one request/);
    expect(vault.came).toEqual([]);
  });
});
