import { type FaultyLender, lending, simpleLender } from "./lenders.ts";

/** Lenders whose fault shows in their second scope, in one that throws, or in an unusual text. */
export const SUBTLE_LENDERS: Readonly<Record<string, FaultyLender>> = {
  "leaves its view readable where use threw": {
    make: (content) =>
      lending(content.length, (use) => {
        const copy = content.slice();
        const result = use(copy);
        copy.fill(0);
        return result;
      }),
    breaks: ["LENDER-7"],
    says: null,
  },
  "lends other bytes the second time": {
    make: (content) => {
      let scopes = 0;
      return lending(content.length, (use) => {
        const copy = content.slice();
        scopes += 1;
        if (scopes === 2) copy.reverse();
        try {
          return use(copy);
        } finally {
          copy.fill(0);
        }
      });
    },
    breaks: ["LENDER-6"],
    says: null,
  },
  "has its bytes under a symbol": {
    make: (content) => ({ ...simpleLender(content), [Symbol("bytes")]: content }),
    breaks: ["LENDER-8"],
    says: null,
  },
  "inherits its bytes": {
    make: (content) => Object.assign(Object.create({ bytes: content }), simpleLender(content)),
    breaks: ["LENDER-8"],
    says: null,
  },
  "has its bytes in an object below": {
    make: (content) => ({ ...simpleLender(content), state: { bytes: content } }),
    breaks: ["LENDER-8"],
    says: null,
  },
  "shows its bytes to an operator": {
    make: (content) => ({
      ...simpleLender(content),
      [Symbol.toPrimitive]: (hint: string) => (hint === "default" ? content.join() : "secret"),
    }),
    breaks: ["LENDER-8"],
    says: null,
  },
};
