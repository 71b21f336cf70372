/** Every vector of cctv-age: how the file opens, and, where it opens, that it is written as it stands. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import type { Identity } from "../../core/contract/key_wrapper.ts";
import { CCTV, type CctvVector, isHybrid } from "../../testing/features/envelopes/cctv.ts";
import { armor, unarmor } from "./armor.ts";
import { copyOf, within } from "./bytes.ts";
import { coveredBytes, formatHeader, parseHeader } from "./header.ts";
import { openEnvelopes } from "./mod.ts";

const secrets = openSecrets({ memory: "heap" });
const envelopes = openEnvelopes(secrets);

/** How the codes are called there. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  success: ["none"],
  "no match": ["ERR_LETHE_ENVELOPE_ADDRESS"],
  "HMAC failure": ["ERR_LETHE_FORGED its header is not authentic"],
  "header failure": ["ERR_LETHE_ENVELOPE_FORMAT", "ERR_LETHE_KEY_COST"],
  "armor failure": ["ERR_LETHE_ENVELOPE_FORMAT"],
  "payload failure": [
    "ERR_LETHE_FORGED its payload is not authentic",
    "ERR_LETHE_FORGED its payload ends in the middle of a chunk",
  ],
};

function text(value: string): Uint8Array<ArrayBuffer> {
  return copyOf(Buffer.from(value));
}

function identitiesOf({ identities, passphrases }: CctvVector): readonly Identity[] {
  return [
    ...identities.flatMap((line) => envelopes.parseIdentities(text(line))),
    ...passphrases.map((phrase) => envelopes.usePassphrase(secrets.move(text(phrase)))),
  ];
}

async function opened(vector: CctvVector): Promise<{ how: string; payload: string }> {
  const given = identitiesOf(vector);
  try {
    const secret = await envelopes.open(
      vector.file,
      given.length > 0 ? given : [envelopes.createIdentity()],
    );
    const payload = secret.expose((bytes) => createHash("sha256").update(bytes).digest("hex"));
    return { how: "none", payload };
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code === "ERR_LETHE_FORGED")
      return { how: `${code} ${/: (its [^;]*);/.exec(message)?.[1]}`, payload: "" };
    if (code === undefined && /nothing was sealed/.test(message)) {
      return { how: "none", payload: createHash("sha256").digest("hex") };
    }
    return { how: code ?? message, payload: "" };
  } finally {
    secrets.purge();
  }
}

describe("cctv-age", () => {
  it("has the vectors that are expected", () => {
    expect(CCTV.length).toBe(143);
    expect(CCTV.filter(isHybrid).length).toBe(19);
  });

  it.each(
    CCTV.filter((vector) => !isHybrid(vector)).map((vector) => [vector.name, vector] as const),
  )("%s", async (_name, vector) => {
    const { how, payload } = await opened(vector);
    expect(EXPECTED[vector.expect]).toContain(how);
    if (vector.expect === "success") expect(payload).toBe(vector.payload);
  });

  it("writes every header and armor that it reads as it stands", () => {
    const readable = CCTV.filter(({ expect: how }) => !/^(header|armor) failure$/.test(how));
    expect(readable.length).toBeGreaterThan(50);
    for (const { name, file, armored } of readable) {
      const bytes = armored ? unarmor(file) : file;
      if (armored) expect(unarmor(armor(bytes)), name).toEqual(bytes);
      const { stanzas, covered, mac, byteLength } = parseHeader(bytes);
      expect(formatHeader(coveredBytes(stanzas), mac), name).toEqual(within(bytes, 0, byteLength));
      expect(coveredBytes(stanzas), name).toEqual(covered);
    }
  });

  it("says of a hybrid identity that it has none of that kind", () => {
    for (const { identities } of CCTV.filter(isHybrid)) {
      const hybrid = identities.find((line) => line.includes("-PQ-")) ?? "";
      expect(() => envelopes.parseIdentities(text(hybrid))).toThrow(/is a hybrid key/);
    }
  });
});
