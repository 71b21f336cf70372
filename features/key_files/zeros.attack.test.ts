import { randomBytes } from "node:crypto";
import { chmodSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { referenceSeal } from "../../testing/features/key_files/reference_seal.ts";
import {
  codeOf,
  open,
  path,
  phrase,
  secrets,
  useScene,
} from "../../testing/features/key_files/scene.ts";

useScene();

/** What some file systems leave of a file whose blocks were not written before a power cut. */
function write(content: Uint8Array): void {
  writeFileSync(path(), content);
  chmodSync(path(), 0o400);
}
const SHAPES = [
  [32, 1],
  ["ed25519", 2],
  ["x25519", 3],
] as const;

describe.each(SHAPES)("a file of zeros is not a key: %s", (shape, type) => {
  it("plain", () => {
    write(new Uint8Array(32));
    expect(codeOf(() => open().read(path(), shape))).toBe("ERR_LETHE_KEY_DAMAGED");
    expect(codeOf(() => open().seal(path(), shape, { passphrase: phrase() }))).toBe(
      "ERR_LETHE_KEY_DAMAGED",
    );
    expect(codeOf(() => open().rotate(path(), shape))).toBe("ERR_LETHE_KEY_DAMAGED");
    expect(secrets.stats.live).toBe(1); // the passphrase
  });

  it("sealed", () => {
    const sealed = (key: Uint8Array): Uint8Array =>
      referenceSeal({
        type,
        passes: 1,
        memoryKiB: 8192,
        salt: randomBytes(16),
        nonce: randomBytes(24),
        key,
        passphrase: Buffer.from("correct horse"),
      });
    const passphrase = phrase();
    write(sealed(new Uint8Array(32)));
    expect(codeOf(() => open().read(path(), shape, { passphrase }))).toBe("ERR_LETHE_KEY_DAMAGED");
    expect(codeOf(() => open().unseal(path(), { passphrase }))).toBe("ERR_LETHE_KEY_DAMAGED");
    chmodSync(path(), 0o600);
    write(sealed(Buffer.from([...new Uint8Array(31), 1])));
    expect(codeOf(() => open().read(path(), shape, { passphrase }))).toBe("none");
  });
});
