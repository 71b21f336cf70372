import { afterEach, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import { openEnvelopes } from "./mod.ts";
import { CHUNK_BYTES, payloadLength, plaintextLength } from "./payload.ts";

const secrets = openSecrets({ memory: "heap" });
const envelopes = openEnvelopes(secrets);
afterEach(() => secrets.purge());

/** Bytes of which no two chunks are the same. */
const message = (byteLength: number): Uint8Array =>
  Uint8Array.from({ length: byteLength }, (_, at) => at ^ (at >> 8) ^ (at >> 16));

describe("a payload", () => {
  it.each([
    0,
    1,
    CHUNK_BYTES - 1,
    CHUNK_BYTES,
    CHUNK_BYTES + 1,
    2 * CHUNK_BYTES,
    2 * CHUNK_BYTES + 7,
  ])("of %d bytes has chunks of 64 KiB, the last of which is marked", async (byteLength) => {
    const identity = envelopes.createIdentity();
    const envelope = await envelopes.seal(message(byteLength), [identity]);
    if (byteLength > 0) {
      const opened = await envelopes.open(envelope, [identity]);
      opened.expose((bytes) => expect(Buffer.compare(bytes, message(byteLength))).toBe(0));
    }
    const sealed = payloadLength(byteLength);
    const chunks = Math.max(1, Math.ceil(byteLength / CHUNK_BYTES));
    expect(sealed).toBe(16 + byteLength + 16 * chunks);
    expect(plaintextLength(sealed)).toBe(byteLength);
    if (chunks < 2) return;
    // Without its last chunk, and with its chunks in another order.
    const [payload, chunk] = [envelope.length - sealed + 16, CHUNK_BYTES + 16];
    const cut = envelope.slice(0, payload + chunk);
    await expect(envelopes.open(cut, [identity])).rejects.toThrow(
      expect.objectContaining({ code: "ERR_LETHE_FORGED" }),
    );
    if (chunks < 3) return;
    const turned = envelope.slice();
    turned.copyWithin(payload, payload + chunk, payload + 2 * chunk);
    turned.set(envelope.subarray(payload, payload + chunk), payload + chunk);
    await expect(envelopes.open(turned, [identity])).rejects.toThrow(
      expect.objectContaining({ code: "ERR_LETHE_FORGED" }),
    );
  });

  it.each([
    [15, "ERR_LETHE_ENVELOPE_FORMAT"],
    [16, "ERR_LETHE_FORGED"],
    [31, "ERR_LETHE_FORGED"],
    [16 + CHUNK_BYTES + 16 + 16, "ERR_LETHE_FORGED"],
    [16 + CHUNK_BYTES + 16 + 1, "ERR_LETHE_FORGED"],
  ])("has no length of %d", (byteLength, code) => {
    expect(() => plaintextLength(byteLength)).toThrow(expect.objectContaining({ code }));
  });
});
