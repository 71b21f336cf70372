import fc from "fast-check";
import { expect, it } from "vitest";
import { MAX_FRAME } from "./limits.ts";
import { Outbox } from "./outbox.ts";

it("gives what came in since the last time, in order, and never changes what it gave", () => {
  const steps = fc.array(
    fc.oneof(fc.integer({ min: 1, max: 200 }), fc.constantFrom(0, 0, 9000, 16_384, MAX_FRAME)),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(steps, (lengths) => {
      const outbox = new Outbox();
      const given: [Uint8Array, Uint8Array[]][] = [];
      let expected: Uint8Array[] = [];
      for (const [index, length] of [...lengths, 0].entries()) {
        if (length > 0) {
          outbox.room(length).fill(index + 1);
          expected.push(new Uint8Array(length).fill(index + 1));
        } else {
          const piece = outbox.take();
          expect(piece === null).toBe(expected.length === 0);
          if (piece !== null) given.push([piece, expected]);
          expected = [];
        }
      }
      for (const [piece, parts] of given) {
        if (Buffer.compare(piece, Buffer.concat(parts)) !== 0) throw new Error("it was changed");
      }
    }),
    { numRuns: 100 },
  );
});
