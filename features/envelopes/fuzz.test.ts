/** Headers and stanzas that were damaged in every way: refused with a stable code, or read as they stand. */
import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import type { Land, Stanza } from "../../core/contract/key_wrapper.ts";
import { CCTV } from "../../testing/features/envelopes/cctv.ts";
import { SOAK } from "../../testing/tier.ts";
import { born } from "../crypto/lend.ts";
import { parseKey } from "../keys/mod.ts";
import { armor, isArmored, unarmor } from "./armor.ts";
import { copyOf, type View, within } from "./bytes.ts";
import { coveredBytes, formatHeader, parseHeader } from "./header.ts";
import { HeaderBuffer } from "./header_buffer.ts";
import { openEnvelopes } from "./mod.ts";

const secrets = openSecrets({ memory: "heap" });
const envelopes = openEnvelopes(secrets);
const runs = { numRuns: SOAK ? 100_000 : 400 };

/** Files of every kind, without what is large. */
const SEEDS: readonly View[] = CCTV.filter(({ file }) => file.length < 4000).map(
  ({ file }) => file,
);
const EDGES = [0, 10, 13, 32, 43, 45, 47, 61, 62, 65, 126, 127, 128, 255];

/** A seed with up to four places overwritten, taken out, doubled or cut. */
const damaged: fc.Arbitrary<View> = fc
  .record({
    seed: fc.constantFrom(...SEEDS),
    edits: fc.array(
      fc.record({
        at: fc.nat({ max: 700 }),
        kind: fc.constantFrom("set", "remove", "insert", "repeat", "cut"),
        byte: fc.oneof(fc.constantFrom(...EDGES), fc.nat({ max: 255 })),
        length: fc.nat({ max: 70 }),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  })
  .map(({ seed, edits }) => {
    let bytes = Array.from(seed);
    for (const { at, kind, byte, length } of edits) {
      const place = bytes.length === 0 ? 0 : at % bytes.length;
      if (kind === "set") bytes[place] = byte;
      else if (kind === "remove") bytes.splice(place, 1 + (length % 4));
      else if (kind === "insert") bytes.splice(place, 0, byte);
      else if (kind === "repeat") bytes.splice(place, 0, ...bytes.slice(place, place + length));
      else bytes = bytes.slice(0, place);
    }
    return copyOf(Uint8Array.from(bytes));
  });

const codeOf = (call: () => void): string => {
  try {
    call();
    return "none";
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
};

describe("damaged", { timeout: 3_600_000 }, () => {
  it("headers are refused, or written again as they stand, whole or in pieces", () => {
    let read = 0;
    fc.assert(
      fc.property(damaged, fc.integer({ min: 1, max: 200 }), (bytes, size) => {
        const code = codeOf(() => {
          const { stanzas, mac, covered, byteLength } = parseHeader(bytes);
          expect(formatHeader(coveredBytes(stanzas), mac)).toEqual(within(bytes, 0, byteLength));
          expect(coveredBytes(stanzas)).toEqual(covered);
          read += 1;
        });
        expect(["none", "ERR_LETHE_ENVELOPE_FORMAT"]).toContain(code);
        // A stream finds the same end, and refuses the same.
        const buffer = new HeaderBuffer();
        const inPieces = codeOf(() => {
          for (let at = 0; at < bytes.length && !buffer.whole; at += size) {
            buffer.push(within(bytes, at, Math.min(bytes.length, at + size)));
          }
          if (buffer.whole) parseHeader(buffer.bytes);
        });
        expect(["none", "ERR_LETHE_ENVELOPE_FORMAT"]).toContain(inPieces);
        if (code === "none") {
          expect([inPieces, buffer.whole]).toEqual(["none", true]);
          expect(parseHeader(buffer.bytes)).toEqual(parseHeader(bytes));
        } else if (buffer.whole) expect(inPieces).toBe(code);
      }),
      runs,
    );
    expect(read).toBeGreaterThan(0);
  });

  it("armor is refused, or means the same when it is written again", () => {
    fc.assert(
      fc.property(damaged, (bytes) => {
        if (!isArmored(bytes)) return;
        const code = codeOf(() => {
          const inner = unarmor(bytes);
          expect(unarmor(armor(inner))).toEqual(inner);
        });
        expect(["none", "ERR_LETHE_ENVELOPE_FORMAT"]).toContain(code);
      }),
      runs,
    );
  });

  it("stanzas give no key, and no other error, to any identity", async () => {
    const ssh = (type: "ed25519" | "rsa") => {
      const { privateKey } = generateKeyPairSync(type as "rsa", { modulusLength: 2048 });
      const der = copyOf(privateKey.export({ type: "pkcs8", format: "der" }));
      const key = parseKey(secrets, der);
      const identity = envelopes.useKey(key);
      key.secretKey.destroy();
      return identity;
    };
    const phrase = envelopes.usePassphrase(secrets.random(5), { logWork: 1, mostLogWork: 1 });
    const wrappers = [envelopes.createIdentity(), ssh("ed25519"), ssh("rsa"), phrase];
    const fileKey = secrets.random(16);
    const land: Land = (byteLength, fill) => born(secrets, byteLength, fill);
    const good = (await Promise.all(wrappers.map((wrapper) => wrapper.wrap(fileKey)))).flat();
    const before = secrets.stats.live;
    const argument = fc.oneof(
      fc.constantFrom(...good.flatMap(({ args }) => args), "1", "01", "22", "99999999999", "+1"),
      fc.stringMatching(/^[!-~]{1,50}$/),
    );
    const body = fc.oneof(
      fc.constantFrom(...good.map((stanza) => stanza.body)),
      fc.uint8Array({ maxLength: 300 }).map(copyOf),
    );
    const stanza: fc.Arbitrary<Stanza> = fc
      .record({
        type: fc.constantFrom(...good.map(({ args }) => args[0])),
        rest: fc.array(argument, { maxLength: 3 }),
        body,
      })
      .map(({ type, rest, body }) => ({ args: [type, ...rest] as const, body }));
    await fc.assert(
      fc.asyncProperty(fc.array(stanza, { maxLength: 3 }), async (stanzas) => {
        for (const wrapper of wrappers) {
          let code = "none";
          try {
            const key = await wrapper.unwrap(stanzas, land);
            // Whole ones may come together again.
            if (key !== null) expect(key.equals(fileKey)).toBe(true);
            key?.destroy();
          } catch (error) {
            code = (error as { code?: string }).code ?? String(error);
          }
          expect(["none", "ERR_LETHE_ENVELOPE_FORMAT", "ERR_LETHE_KEY_COST"]).toContain(code);
        }
        expect(secrets.stats.live).toBe(before);
      }),
      { numRuns: SOAK ? 100_000 : 200 },
    );
  });
});
