import process from "node:process";
import { afterEach, describe, expect, it } from "vitest";
import { openSecrets } from "../memories/heap/mod.ts";
import { FakeMemory } from "../testing/core/fake_memory.ts";
import { read, sample, thrown } from "../testing/core/samples.ts";

const memory = new FakeMemory();
const secrets = openSecrets({ memory });
afterEach(() => {
  secrets.purge();
  expect(memory.violations).toEqual([]);
});

describe("land", () => {
  it("gives what fill wrote, and takes the page away from it", () => {
    let kept: Uint8Array | undefined;
    const secret = secrets.land(8, (page) => {
      kept = page;
      page.set(sample(8));
    });
    expect([...read(secret)]).toEqual([...sample(8)]);
    expect([kept?.length, secret.state, memory.last.protection]).toEqual([
      0,
      "guarded",
      "no-access",
    ]);
  });

  it("keeps no secret, and no page open, when fill throws or is async", async () => {
    const pages: Uint8Array[] = [];
    const late: unknown[] = [];
    const before = secrets.stats.live;
    const fills: ((page: Uint8Array<ArrayBuffer>) => unknown)[] = [
      () => {
        throw new Error("of the program");
      },
      async (page) => {
        pages.push(page);
        await null;
        late.push(page.length);
      },
      // biome-ignore lint/suspicious/noThenProperty: a thenable that is not a promise
      () => ({ then: () => undefined }),
    ];
    const errors = fills.map((fill) => thrown(() => secrets.land(8, fill as () => void)));
    await null;
    await null;
    expect(errors[0]?.message).toBe("of the program");
    expect(errors.slice(1).every((error) => error instanceof TypeError)).toBe(true);
    expect([pages[0]?.length, late]).toEqual([0, [0]]);
    expect([secrets.stats.live, memory.last.zero]).toEqual([before, true]);
  });

  it("keeps the page of an async fill from others until what it has begun has ended, and wipes it then", async () => {
    let page: Uint8Array<ArrayBuffer> | undefined;
    let end: (error: Error) => void = () => undefined;
    const fill = (given: Uint8Array<ArrayBuffer>): Promise<void> => {
      page = given;
      return new Promise((_, reject) => {
        end = reject;
      });
    };
    const refused = thrown(() => secrets.land(8, fill));
    const { last } = memory;
    expect(refused).toBeInstanceOf(TypeError);
    expect([page?.length, secrets.stats.live]).toEqual([0, 0]);
    expect([last.released, last.protection]).toEqual([0, "read-write"]);
    last.view().fill(7); // as a native call does that has the address
    last.detach();
    end(new Error("of the device"));
    await new Promise((resolve) => setTimeout(resolve));
    expect([last.released, last.zero]).toEqual([1, true]);
  });

  it("leaves no rejection to nobody where an async fill transferred the page, as a BYOB read does", async () => {
    const unheard: unknown[] = [];
    const hear = (error: unknown): void => void unheard.push(error);
    process.on("unhandledRejection", hear);
    const reader = new ReadableStream({ type: "bytes" }).getReader({ mode: "byob" });
    const fill = (page: Uint8Array<ArrayBuffer>) => reader.read(page);
    const error = thrown(() => openSecrets().land(8, fill as never));
    await reader.cancel();
    await new Promise((resolve) => setTimeout(resolve));
    process.removeListener("unhandledRejection", hear);
    expect(error).toMatchObject({ code: "ERR_LETHE_WIPE" });
    expect(unheard).toEqual([]);
  });

  it("refuses what is not a length and no function, before it takes memory", () => {
    expect(thrown(() => secrets.land("8" as never, () => undefined))).toBeInstanceOf(TypeError);
    expect(thrown(() => secrets.land(8, 8 as never))).toBeInstanceOf(TypeError);
    for (const length of [0, -1, 1.5, Number.NaN, 2 ** 31]) {
      expect(thrown(() => secrets.land(length, () => undefined))).toBeInstanceOf(RangeError);
    }
    expect(secrets.stats.live).toBe(0);
  });
});

it("says what it takes instead of a function", () => {
  for (const [fill, kind] of [
    [5, "a number"],
    [null, "null"],
    [undefined, "undefined"],
  ]) {
    expect(() => openSecrets().land(8, fill as never)).toThrow(
      `Cannot land secret as fill must be a function: current value is ${kind}`,
    );
  }
});
