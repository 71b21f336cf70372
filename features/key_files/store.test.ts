import { readFileSync, statSync } from "node:fs";
import process from "node:process";
import { describe, expect, it } from "vitest";
import {
  codeOf,
  open,
  path,
  phrase,
  secrets,
  useScene,
} from "../../testing/features/key_files/scene.ts";

useScene();

const bytes = (length: number, fill: (index: number) => number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => fill(index));
/** No text in any encoding. */
const seed = (): Uint8Array => bytes(32, (index) => (index * 73 + 129) % 256);

describe.skipIf(process.platform === "win32")("storing a key that is there already", () => {
  it.each(["ed25519", "x25519"] as const)("%s: plain and sealed, as it is read again", (type) => {
    const keys = open();
    const own = secrets.move(seed());
    const stored = keys.store(path(), type, own);
    expect(readFileSync(path()).equals(seed())).toBe(true);
    expect(statSync(path()).mode & 0o777).toBe(0o400);
    expect(keys.read(path(), type).publicKey).toEqual(stored.publicKey);
    const passphrase = phrase();
    keys.store(path("sealed"), type, own, { passphrase });
    expect(readFileSync(path("sealed")).includes(seed())).toBe(false);
    expect(keys.inspect(path("sealed"))).toMatchObject({ form: "sealed", type });
    expect(keys.read(path("sealed"), type, { passphrase }).publicKey).toEqual(stored.publicKey);
    expect(own.expose((now) => Uint8Array.from(now))).toEqual(seed()); // it stays the caller's
  });

  it("takes no false length, no zeros, no text and no name that is taken", () => {
    const keys = open();
    const store = (key: Uint8Array, type: "ed25519" | "x25519" = "ed25519"): unknown =>
      codeOf(() => keys.store(path(), type, secrets.move(key)));
    expect(() => keys.store(path(), "ed25519", secrets.random(33))).toThrow(RangeError);
    expect(() => keys.store(path(), "x25519", secrets.random(64))).toThrow(RangeError);
    expect(() => keys.store(path(), "ed25519", seed() as never)).toThrow(TypeError);
    expect(store(new Uint8Array(32))).toBe("ERR_LETHE_KEY_FORMAT");
    expect(store(bytes(32, (index) => 65 + index / 2))).toBe("ERR_LETHE_KEY_FORMAT");
    keys.store(path(), "ed25519", secrets.move(seed()));
    expect(store(seed())).toBe("ERR_LETHE_KEY_EXISTS");
  });
});
