import { describe, expect, it } from "vitest";
import { loadSodiumNative } from "./load_sodium_native.ts";
import { faultOf, faultOfVersion } from "./verify_sodium_native.ts";

const sodium: object = { ...loadSodiumNative() };

describe("what was loaded as sodium-native", () => {
  it("is taken when its functions are there and answer", () => {
    expect(faultOf(sodium)).toBeNull();
  });

  it("is refused when a function or a number is missing, as in a bundle of its JavaScript alone", () => {
    for (const nothing of [{}, undefined, null, "", () => undefined]) {
      expect(faultOf(nothing)).toMatch(/has no sodium_malloc and \d+ more; keep sodium-native out/);
    }
    for (const name of ["crypto_sign_detached", "crypto_hash_sha256_STATEBYTES"]) {
      expect(faultOf({ ...sodium, [name]: undefined })).toMatch(new RegExp(`has no ${name};`));
    }
  });

  it("is refused when it does nothing, answers otherwise or throws, as mocks do", () => {
    const nothing = (): undefined => undefined;
    const ones = (hash: Uint8Array): void => void hash.fill(1);
    for (const mock of [
      { crypto_generichash: nothing },
      { crypto_generichash: ones },
      { randombytes_buf: nothing },
    ]) {
      expect(faultOf({ ...sodium, ...mock })).toMatch(
        /gives a wrong answer; keep sodium-native out/,
      );
    }
    const crypto_generichash = (): never => {
      throw Object.assign(new Error("a secret path"), { code: "ERR_ASSERTION" });
    };
    expect(faultOf({ ...sodium, crypto_generichash })).toMatch(/fails \(ERR_ASSERTION\); keep/);
  });

  it("is refused in another major version than the one that Lethe calls", () => {
    expect(["5.1.0", "5.9.2", ""].map(faultOfVersion)).toEqual([null, null, null]);
    expect(["4.3.3", "6.0.0", "50.0.0"].map((version) => faultOfVersion(version) !== null)).toEqual(
      [true, true, true],
    );
  });
});
