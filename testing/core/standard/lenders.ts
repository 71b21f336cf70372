import type { StandardSecretV1, StandardSecretV1Lending } from "../../../core/mod.ts";

/** A library of ten lines, which lends a copy for each scope and wipes it. */
export function simpleLender(content: Uint8Array): StandardSecretV1 {
  const own = new Uint8Array(new ArrayBuffer(content.length));
  own.set(content);
  return {
    "~secret": {
      version: 1,
      vendor: "ten-lines",
      byteLength: own.length,
      expose(use) {
        const copy = new Uint8Array(new ArrayBuffer(own.length));
        copy.set(own);
        try {
          return use(copy);
        } finally {
          copy.fill(0);
        }
      },
    },
  };
}

/** A lender of so many bytes that lends as `expose` does. */
export const lending = (
  byteLength: number,
  expose: (use: (bytes: unknown) => unknown) => unknown,
): StandardSecretV1 => ({
  "~secret": { version: 1, vendor: "hostile", byteLength, expose: expose as never },
});

/** A lender, the rules that it breaks, and what Lethe says of it; null where it takes it all the same. */
export interface FaultyLender {
  readonly make: (content: Uint8Array<ArrayBuffer>) => unknown;
  readonly breaks: readonly string[];
  readonly says: RegExp | null;
}

/** Lenders that break the contract, each in one way. */
export const FAULTY_LENDERS: Readonly<Record<string, FaultyLender>> = {
  "lends nothing": {
    make: (content) => lending(content.length, () => undefined),
    breaks: ["LENDER-2"],
    says: /lent nothing/,
  },
  "lends twice": {
    make: (content) =>
      lending(content.length, (use) => {
        use(content.slice());
        return use(content.slice());
      }),
    breaks: ["LENDER-2", "LENDER-7"],
    says: /lent its bytes twice/,
  },
  "lends twice, and keeps to itself what came of it": {
    make: (content) =>
      lending(content.length, (use) => {
        try {
          use(content.slice());
          use(content.slice());
        } catch {
          // as if nothing had been
        }
      }),
    breaks: ["LENDER-2", "LENDER-5", "LENDER-7"],
    says: /lent its bytes twice/,
  },
  "lends after its scope": {
    make: (content) =>
      lending(content.length, (use) => {
        queueMicrotask(() => {
          try {
            use(content.slice());
          } catch {
            // too late
          }
        });
      }),
    breaks: ["LENDER-2"],
    says: /lent nothing/,
  },
  "is async": {
    make: (content) => lending(content.length, async (use) => use(content.slice())),
    breaks: ["LENDER-4", "LENDER-5", "LENDER-7"],
    says: /returned a promise/,
  },
  "is async and rejects": {
    make: (content) =>
      lending(content.length, async (use) => {
        use(content.slice());
        throw new Error("of the lender");
      }),
    breaks: ["LENDER-4", "LENDER-5", "LENDER-7"],
    says: /returned a promise/,
  },
  "throws before": {
    make: (content) =>
      lending(content.length, () => {
        throw new Error(`quotes ${content.join()}`);
      }),
    breaks: ["LENDER-2"],
    says: /threw; it may have been destroyed/,
  },
  "throws after": {
    make: (content) =>
      lending(content.length, (use) => {
        use(content.slice());
        throw new Error(`quotes ${content.join()}`);
      }),
    breaks: ["LENDER-2", "LENDER-7"],
    says: /threw; it may have been destroyed/,
  },
  "lends a view that is too short": {
    make: (content) => lending(content.length, (use) => use(content.subarray(1))),
    breaks: ["LENDER-3"],
    says: /something other than a Uint8Array of its byteLength/,
  },
  "lends a view that is too long": {
    make: (content) => lending(content.length - 1, (use) => use(content)),
    breaks: ["LENDER-3"],
    says: /something other than a Uint8Array of its byteLength/,
  },
  "lends a detached view": {
    make: (content) =>
      lending(content.length, (use) => {
        const copy = content.slice();
        copy.buffer.transfer();
        return use(copy);
      }),
    breaks: ["LENDER-3"],
    says: /something other than a Uint8Array of its byteLength/,
  },
  "lends a list of numbers": {
    make: (content) => lending(content.length, (use) => use([...content])),
    breaks: ["LENDER-3"],
    says: /lent something other than a Uint8Array/,
  },
  "lends a proxy of a view": {
    make: (content) => lending(content.length, (use) => use(new Proxy(content, {}))),
    breaks: ["LENDER-3"],
    says: /lent something other than a Uint8Array/,
  },
  "lends a DataView": {
    make: (content) => lending(content.length, (use) => use(new DataView(content.buffer))),
    breaks: ["LENDER-3"],
    says: /lent something other than a Uint8Array/,
  },
  "lends shared memory": {
    make: (content) => {
      const shared = new Uint8Array(new SharedArrayBuffer(content.length));
      shared.set(content);
      return lending(content.length, (use) => use(shared));
    },
    breaks: ["LENDER-3"],
    says: null, // it is copied before anything reads it twice
  },
  "lends resizable memory": {
    make: (content) => {
      const { length } = content;
      const bytes = new Uint8Array(new ArrayBuffer(length, { maxByteLength: 4096 }));
      bytes.set(content);
      return lending(length, (use) => use(bytes));
    },
    breaks: ["LENDER-3"],
    says: null,
  },
  "gives its own result": {
    make: (content) =>
      lending(content.length, (use) => {
        const copy = content.slice();
        try {
          use(copy);
        } finally {
          copy.fill(0);
        }
        return 1;
      }),
    breaks: ["LENDER-4"],
    says: null,
  },
  "cannot lend inside a scope": {
    make: (content) => {
      let isOpen = false;
      return lending(content.length, (use) => {
        if (isOpen) throw new Error("busy");
        isOpen = true;
        const copy = content.slice();
        try {
          return use(copy);
        } finally {
          isOpen = false;
          copy.fill(0);
        }
      });
    },
    breaks: ["LENDER-6"],
    says: null,
  },
  "leaves its view readable": {
    make: (content) => lending(content.length, (use) => use(content)),
    breaks: ["LENDER-7"],
    says: null,
  },
  "shows its bytes as text": {
    make: (content) => ({ ...simpleLender(content), toJSON: () => [...content].join() }),
    breaks: ["LENDER-8"],
    says: null,
  },
};

/** What follows another contract, or none, and is not a lender at all. */
export const NO_LENDERS: Readonly<Record<string, (content: Uint8Array) => unknown>> = {
  "another version": (content) => changed(content, { version: 2 }),
  "a version as text": (content) => changed(content, { version: "1" }),
  "no vendor": (content) => changed(content, { vendor: undefined }),
  "a length that is none": (content) => changed(content, { byteLength: -1 }),
  "a length that is half": (content) => changed(content, { byteLength: 8.5 }),
  "no expose": (content) => changed(content, { expose: 1 }),
  "a getter that throws": () => ({
    get "~secret"(): never {
      throw new Error("asked");
    },
  }),
  "a proxy that refuses": () =>
    new Proxy(
      {},
      {
        get() {
          throw new Error("asked");
        },
        getPrototypeOf() {
          throw new Error("asked");
        },
      },
    ),
  "a proxy that is its own prototype": () => {
    const circle: object = new Proxy({}, { getPrototypeOf: () => circle, has: () => true });
    return circle;
  },
  "a function": (content) => Object.assign(() => 0, simpleLender(content)),
  "an object without a part": () => ({ "~secret": null }),
};

function changed(content: Uint8Array, own: object): unknown {
  const lender = simpleLender(content)["~secret"];
  return { "~secret": { ...lender, ...own } as StandardSecretV1Lending };
}

/** A taker as a library writes it: four lines, copied from docs/standard.md. */
export function useBytes<T>(secret: unknown, use: (bytes: Uint8Array) => T): T {
  const lender = (secret as StandardSecretV1)["~secret"];
  return lender?.version === 1 ? lender.expose(use) : use(secret as Uint8Array);
}
