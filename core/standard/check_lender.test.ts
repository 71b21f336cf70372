import process from "node:process";
import { describe, expect, it, vi } from "vitest";
import { sample } from "../../testing/core/samples.ts";
import { FAULTY_LENDERS, NO_LENDERS, simpleLender } from "../../testing/core/standard/lenders.ts";
import { checkLender } from "./check_lender.ts";

describe("checkLender", () => {
  it("finds nothing to say of a lender of ten lines, of any length", () => {
    for (const length of [0, 1, 16, 64, 65, 5000]) {
      expect(checkLender(simpleLender(new Uint8Array(length).map((_, at) => at + 1)))).toEqual([]);
    }
  });

  for (const [name, { make, breaks }] of Object.entries(FAULTY_LENDERS)) {
    it(`names the rule that one breaks which ${name}`, () => {
      const faults = checkLender(make(sample(20)));
      expect(faults.map(({ rule }) => rule)).toEqual(breaks);
      expect(JSON.stringify(faults)).not.toContain("quotes");
    });
  }

  for (const [name, make] of Object.entries(NO_LENDERS)) {
    if (name === "a function") continue;
    it(`names LENDER-1 for ${name}`, () => {
      expect(checkLender(make(sample(20))).map(({ rule }) => rule)).toEqual(["LENDER-1"]);
    });
  }
});

describe("what checkLender says", () => {
  const CONTENT = Uint8Array.from({ length: 20 }, (_, at) => 100 + at * 7);
  type Use = (bytes: unknown) => unknown;
  const lender = (expose: (use: Use) => unknown, length: number = 20): unknown => ({
    "~secret": { version: 1, vendor: "v", byteLength: length, expose },
  });
  const said = (value: unknown): readonly string[] =>
    checkLender(value).map(({ rule, fault }) => `${rule}: ${fault}`);

  it("of what is not a lender names the part", () => {
    const whole = simpleLender(CONTENT)["~secret"];
    const part = (own: object): unknown => ({ "~secret": { ...whole, ...own } });
    for (const [value, fault] of [
      [null, "it is not an object"],
      ["text", "it is not an object"],
      [undefined, "it is not an object"],
      [Object.assign(() => 0, { "~secret": whole }), "it is not an object"],
      [{}, 'it has no "~secret"'],
      [{ "~secret": null }, 'it has no "~secret"'],
      [{ "~secret": "text" }, 'it has no "~secret"'],
      [{ "~secret": Object.assign(() => 0, whole) }, 'it has no "~secret"'],
      [part({ version: 2 }), "its version is not 1"],
      [part({ vendor: "" }), "its vendor is not a name"],
      [part({ vendor: 1 }), "its vendor is not a name"],
      [part({ byteLength: "20" }), "its byteLength is not an integer from 0 on"],
      [part({ byteLength: 1.5 }), "its byteLength is not an integer from 0 on"],
      [part({ byteLength: -1 }), "its byteLength is not an integer from 0 on"],
      [part({ expose: null }), "its expose is not a function"],
      [
        Object.defineProperty({}, "~secret", {
          get() {
            throw new Error("asked");
          },
        }),
        "reading it throws",
      ],
    ] as const) {
      expect(said(value)).toEqual([`LENDER-1: ${fault}`]);
    }
  });

  it("is nothing of a view that throws when it is read after its scope", () => {
    const guarding = lender((use) => {
      let isOpen = true;
      class Guarded extends Uint8Array<ArrayBuffer> {
        override get byteLength(): number {
          if (!isOpen) throw new Error("used after its scope");
          return super.byteLength;
        }
      }
      const view = new Guarded(new ArrayBuffer(20));
      view.set(CONTENT);
      try {
        return use(view);
      } finally {
        view.fill(0);
        isOpen = false;
      }
    });
    expect(said(guarding)).toEqual([]);
  });

  it("is a fault, and ends no process, where expose returns a promise that is rejected", async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown): void => void unhandled.push(error);
    process.on("unhandledRejection", note);
    try {
      const rejecting = lender(async (use) => {
        use(CONTENT.slice());
        throw new Error("late");
      });
      expect(said(rejecting).length).toBeGreaterThan(0);
      await new Promise((resolve) => setTimeout(resolve, 5));
    } finally {
      process.off("unhandledRejection", note);
    }
    expect(unhandled).toEqual([]);
  });

  it("of how often and when it lends", async () => {
    let scopes = 0;
    let first: Use = () => 0;
    const wiping = (lend: (copy: Uint8Array, use: Use) => unknown): unknown =>
      lender((use) => {
        const copy = CONTENT.slice();
        try {
          return lend(copy, use);
        } finally {
          copy.fill(0);
        }
      });
    const late = wiping((copy, use) => {
      scopes += 1;
      if (scopes === 1) first = use;
      else if (scopes === 2) first(new Uint8Array(1));
      return use(copy);
    });
    expect(said(late)).toEqual(["LENDER-2: it lends after expose has returned"]);
    const thrice = wiping((copy, use) => {
      use(copy);
      use(new Uint8Array(1));
      return use(copy);
    });
    expect(said(thrice)).toEqual(["LENDER-2: expose called use 3 times"]);
    expect(said(lender(() => undefined))).toEqual([
      "LENDER-2: expose returns and has lent nothing",
    ]);
    const rejecting = lender(async (use) => {
      use(CONTENT.slice());
      throw new Error("of the lender");
    });
    expect(said(rejecting).length).toBe(3);
    await new Promise((resolve) => setTimeout(resolve)); // an unhandled rejection would fail this file
  });

  it("of errors that use threw, and of scopes inside scopes", () => {
    const wrapping = lender((use) => {
      const copy = CONTENT.slice();
      try {
        return use(copy);
      } catch {
        throw new Error("another one");
      } finally {
        copy.fill(0);
      }
    });
    expect(said(wrapping)).toEqual(["LENDER-5: it throws something other than use threw"]);
    let depth = 0;
    const nested = (change: (outer: Uint8Array, inner: Uint8Array) => void): unknown => {
      let outer = CONTENT.slice();
      return lender((use) => {
        const copy = CONTENT.slice();
        depth += 1;
        if (depth === 1) outer = copy;
        else change(outer, copy);
        try {
          return use(copy);
        } finally {
          depth -= 1;
          copy.fill(0);
        }
      });
    };
    const ends =
      "LENDER-6: a scope inside another one fails, lends other bytes, or ends the outer one";
    expect(said(nested(() => undefined))).toEqual([]);
    expect(said(nested((outer) => outer.fill(0)))).toEqual([ends]);
    expect(said(nested((_, inner) => inner.fill(0)))).toEqual([ends]);
  });

  it("of a scope that ends the outer one when it ends itself", () => {
    const open: Uint8Array[] = [];
    const ending = lender((use) => {
      const copy = CONTENT.slice();
      open.push(copy);
      try {
        return use(copy);
      } finally {
        for (const one of open) one.fill(0);
      }
    });
    expect(said(ending).map((fault) => fault.slice(0, 8))).toEqual(["LENDER-6"]);
  });

  it("of other views", () => {
    const view = (bytes: unknown): readonly string[] => said(lender((use) => use(bytes)));
    const tagged = { [Symbol.toStringTag]: "Uint8Array", byteLength: 20 };
    const other = "LENDER-3: it lends something other than a Uint8Array";
    expect(view(tagged)).toEqual([other]);
    expect(view(new Uint8ClampedArray(20))).toEqual([other]);
    expect(view(new Uint8Array(19))).toEqual([
      "LENDER-3: it lends another number of bytes than it says",
    ]);
    expect(view(new Uint8Array(new SharedArrayBuffer(20)))).toEqual([
      "LENDER-3: its buffer is shared",
    ]);
    expect(view(new Uint8Array(new ArrayBuffer(20, { maxByteLength: 30 }), 0, 20))).toEqual([
      "LENDER-3: its buffer is resizable",
    ]);
    expect(view(CONTENT.slice())).toEqual([
      "LENDER-7: its view still holds the bytes after its scope",
    ]);
  });

  it("of each text that could show the bytes, in each of their forms", () => {
    const latin = String.fromCharCode(...CONTENT);
    const forms = [
      CONTENT.join(),
      Buffer.from(CONTENT).toString("hex"),
      Buffer.from(CONTENT).toString("hex").toUpperCase(),
      latin,
      ...[0, 1, 2].map((skip) =>
        Buffer.from(CONTENT.subarray(skip)).toString("base64").slice(0, 18),
      ),
    ];
    const shows = ["LENDER-8: a text that is made of it shows its bytes"];
    for (const form of forms) {
      const text = `<${form}>`;
      const whole = simpleLender(CONTENT)["~secret"];
      const ways: readonly unknown[] = [
        { "~secret": whole, toString: () => text },
        { "~secret": whole, toJSON: () => text },
        { "~secret": { ...whole, toJSON: () => text } },
        { "~secret": whole, other: 0, kept: { toString: () => text, toJSON: () => 0 } },
        { "~secret": { ...whole, other: 0, kept: { toString: () => text, toJSON: () => 0 } } },
      ];
      for (const way of ways) expect(said(way)).toEqual(shows);
      expect(said({ "~secret": whole, toString: () => text.slice(0, 12) })).toEqual([]);
    }
    const split = {
      "~secret": simpleLender(CONTENT)["~secret"],
      a: latin.slice(0, 10),
      b: latin.slice(10),
    };
    expect(said(split)).toEqual([]); // values are told apart
    const lending = {
      ...simpleLender(CONTENT)["~secret"],
      a: latin.slice(0, 10),
      b: latin.slice(10),
    };
    expect(said({ "~secret": lending })).toEqual([]);
    const failing = {
      "~secret": simpleLender(CONTENT)["~secret"],
      toString: () => {
        throw new Error("no text");
      },
    };
    expect(said(failing)).toEqual([]);
  });

  it("of texts only from 8 bytes on, since fewer stand anywhere", () => {
    for (const length of [7, 8]) {
      const content = CONTENT.subarray(0, length);
      const showing = { ...simpleLender(content), toString: () => content.join() };
      expect(said(showing).length).toBe(length - 7);
    }
    const long = new Uint8Array(1030).fill(200);
    const { "~secret": whole } = simpleLender(long);
    const first = String.fromCharCode(...long.subarray(0, 1024));
    expect(said({ "~secret": whole, toString: () => first }).length).toBe(1);
    expect(said({ "~secret": whole, toString: () => first.slice(1) }).length).toBe(0);
  });

  it("but of none that are zeros, which a wiped view has as well", () => {
    expect(said(lender((use) => use(new Uint8Array(20))))).toEqual([]);
  });

  it("and wipes the copy that it made", () => {
    const filled: Uint8Array[] = [];
    const { fill } = Uint8Array.prototype;
    const spy = vi
      .spyOn(Object.getPrototypeOf(Uint8Array.prototype), "fill")
      .mockImplementation(function (this: unknown, ...values: unknown[]) {
        if ((this as Uint8Array).length === 20) filled.push(this as Uint8Array);
        return Reflect.apply(fill, this as Uint8Array, values as [number]);
      });
    const gone = lender((use) => {
      const copy = CONTENT.slice();
      try {
        return use(copy);
      } finally {
        copy.buffer.transfer();
      }
    });
    expect(said(gone)).toEqual([]);
    spy.mockRestore();
    expect(filled.map((bytes) => [...bytes])).toEqual([Array(20).fill(0)]);
  });
});
