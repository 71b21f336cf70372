import fc from "fast-check";
import { expect, it } from "vitest";
import { base64Form } from "./base64_form.ts";
import { fixedForms } from "./forms.ts";

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
          const { bytes } = base64Form(`${variant}-${alignment}`, secret, alignment);
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
      for (const { bytes, starts, ends } of fixedForms(secret)) {
        expect(starts.length).toBe(secret.length);
        expect(ends.at(-1)).toBe(bytes.length);
        starts.forEach((start, index) => {
          expect(start).toBeLessThan(ends[index] ?? 0);
          expect(start).toBeGreaterThanOrEqual(starts[index - 1] ?? 0);
        });
      }
    }),
  );
});
