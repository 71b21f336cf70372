import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { LetheError } from "../../core/mod.ts";
import { ascii } from "../../testing/core/samples.ts";
import { errorOf } from "../../testing/features/key_services/stage.ts";
import { plain, TransitStage } from "../../testing/features/key_services/transit_stage.ts";
import { SOAK } from "../../testing/tier.ts";
import type { KeyService } from "../envelopes/mod.ts";
import type { KeyServiceFetch } from "./mod.ts";

const stage = new TransitStage();
const { vault, service } = stage;

beforeAll(() => stage.start());
afterAll(() => vault.stop());
afterEach(() => stage.clear());

const wrap = (outer: KeyService): Promise<number> => stage.wrap(outer);

describe("a key service", () => {
  it.each([
    ["unreachable", "half", null, /could not be reached, or its answer broke off/],
    ["unreachable", "reset", null, /could not be reached, or its answer broke off/],
    ["malformed", "half body", 200, /not of the form of its API/],
    ["malformed", "text", 200, /not of the type that its API has/],
    ["malformed", "long", 200, /too long for a wrapped key/],
  ] as const)(
    "ASK-3: is %s by an answer that goes wrong: %s",
    async (fault, trouble, status, message) => {
      vault.trouble = trouble;
      const error = await errorOf(wrap(service()));
      expect(error).toMatchObject({ code: "ERR_LETHE_WRAPPER", fault, status });
      expect(error.message).toMatch(message);
    },
  );

  it("ASK-3: reads no more than 128 KiB, whatever the length says", async () => {
    let given = 0;
    const piece = new Uint8Array(65_536).fill(0x20);
    const fetch: KeyServiceFetch = async () => ({
      ...plain(),
      body: new ReadableStream<Uint8Array>({
        pull(controller) {
          given += piece.length;
          controller.enqueue(piece);
        },
      }),
    });
    expect((await errorOf(wrap(service({ fetch })))).message).toMatch(/too long/);
    expect(given).toBeLessThanOrEqual(4 * 65_536);
  });

  it("ASK-3: reads no part of an answer through a prototype", async () => {
    const data = { ciphertext: "vault:v1:QUJD", key_version: 1 };
    const given = async (body: string): Promise<Response> =>
      new Response(body, { headers: { "content-type": "application/json" } });
    Object.assign(Object.prototype, { data, ...data });
    try {
      for (const body of ["{}", '{"data":{}}', "[]"]) {
        const error = await errorOf(wrap(service({ fetch: () => given(body) })));
        expect(error.fault).toBe("malformed");
      }
      expect(await wrap(service())).toBe(1);
    } finally {
      for (const name of ["data", ...Object.keys(data)])
        Reflect.deleteProperty(Object.prototype, name);
    }
  });

  it.skipIf(!SOAK)("ASK-3: reads an answer that comes a byte at a time", async () => {
    const text = '{"data":{"ciphertext":"vault:v1:QUJD"}}'.padEnd(131_072);
    const bytes = ascii(text);
    const fetch: KeyServiceFetch = async () => {
      let at = 0;
      const read = async () =>
        at === bytes.length ? { done: true } : { done: false, value: bytes.subarray(at, ++at) };
      return { ...plain(), body: { getReader: () => ({ read, cancel: async () => undefined }) } };
    };
    expect(await wrap(service({ fetch }))).toBe(1);
  });

  it("ASK-3: cancels an answer that it does not read to its end, whatever is wrong with it", async () => {
    const piece = new Uint8Array(65_536).fill(0x20);
    const stop = new AbortController();
    for (const [status, pull, ending] of [
      [302, (controller) => controller.enqueue(piece), "malformed"],
      [200, (controller) => controller.enqueue(piece), "malformed"],
      [200, () => stop.abort("mine"), "mine"],
    ] as const satisfies readonly (readonly [
      number,
      (controller: ReadableStreamDefaultController<Uint8Array>) => void,
      string,
    ])[]) {
      let cancels = 0;
      const body = new ReadableStream<Uint8Array>(
        {
          pull,
          cancel() {
            cancels += 1;
          },
        },
        { highWaterMark: 0 },
      );
      const fetch: KeyServiceFetch = async () => ({ ...plain(), status, body });
      const error: unknown = await errorOf(wrap(service({ fetch, signal: stop.signal })));
      expect((error as { fault?: string }).fault ?? error).toBe(ending);
      expect(cancels).toBe(1);
    }
  });

  it("ASK-5: quotes nothing of what a fetch, an answer or a server says", async () => {
    const { token } = vault;
    const failing: KeyServiceFetch = (_url, { headers, body }) =>
      Promise.reject(new Error(`${JSON.stringify(headers)} ${Buffer.from(body)}`));
    const throwing: KeyServiceFetch = ((_url: string, { headers }: { headers: object }) => {
      throw Object.assign(new Error(JSON.stringify(headers)), { code: token });
    }) as never;
    const echo: KeyServiceFetch = async (_url, { headers }) =>
      new Response(JSON.stringify({ errors: [JSON.stringify(headers)] }), {
        status: 400,
        headers: { "content-type": "application/json", "retry-after": token },
      });
    for (const fetch of [failing, throwing, echo]) {
      const error = await errorOf(wrap(service({ fetch })));
      const said = `${error.message} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`;
      expect(error).toBeInstanceOf(LetheError);
      expect(said).not.toContain(token);
    }
  });
});
