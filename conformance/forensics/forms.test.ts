import fc from "fast-check";
import { expect, it } from "vitest";
import { encodeForTest } from "../../testing/forensics/encodings.ts";
import { base64Form } from "./base64_form.ts";
import type { Form } from "./form.ts";
import { fixedForms } from "./forms.ts";
import { WorkingMemory } from "./working_memory.ts";

function written(form: Form): Buffer {
  return Buffer.from(Array.from({ length: form.byteLength }, (_, at) => form.byteAt(at)));
}

it("base64 is sought whatever stands before and behind the secret", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 8, maxLength: 40 }),
      fc.uint8Array({ maxLength: 7 }),
      fc.uint8Array({ maxLength: 7 }),
      (secret, before, behind) => {
        const all = Buffer.concat([before, secret, behind]);
        for (const variant of ["base64", "base64url"] as const) {
          const alignment = (before.length % 3) as 0 | 1 | 2;
          const bytes = written(base64Form(`${variant}-${alignment}`, secret, alignment));
          expect(all.toString(variant)).toContain(Buffer.from(bytes).toString("latin1"));
          // At most 5 bits at either end are in a digit that is shared with a neighbour.
          expect(bytes.length * 6).toBeGreaterThanOrEqual(secret.length * 8 - 10);
        }
      },
    ),
  );
});

it("every secret byte has its place in every form, in order", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 8, maxLength: 40 }), (secret) => {
      for (const form of fixedForms(secret, new WorkingMemory())) {
        expect(form.secretBytes).toBe(secret.length);
        expect(form.end(secret.length - 1)).toBe(form.byteLength);
        for (let k = 0; k < secret.length; k += 1) {
          expect(form.start(k)).toBeLessThan(form.end(k));
          if (k > 0) expect(form.start(k)).toBeGreaterThanOrEqual(form.start(k - 1));
        }
      }
    }),
  );
});

it("every form is what the runtime makes of the secret", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 8, maxLength: 40 }), (secret) => {
      for (const form of fixedForms(secret, new WorkingMemory())) {
        // The runtime writes what surrounds the digits as well: a bracket, padding.
        expect(Buffer.from(encodeForTest(form.encoding, secret)).includes(written(form))).toBe(
          true,
        );
      }
    }),
  );
});
