import { describe, expect, it } from "vitest";
import { SOAK } from "../../testing/tier.ts";
import { parseUri } from "./uri.ts";

const parse = (text: unknown): ReturnType<typeof parseUri> => parseUri(text, "use key");

describe("a PKCS#11 URI", () => {
  it("gives what it says, decoded", () => {
    const uri = parse(
      "pkcs11:token=The%20Software%20PKCS%2311%20Softtoken;manufacturer=Snake%20Oil,%20Inc.;serial=;" +
        "model=1.0;library-manufacturer=a&b;library-description=d;library-version=2.40;" +
        "object=my-key%3B;type=private;id=%69%95%3E%00%ff;slot-id=18446744073709551615;" +
        "slot-manufacturer=m;slot-description=%C3%A9?module-path=/usr/lib/a/b%20c.so",
    );
    expect(Object.fromEntries(uri.texts)).toEqual({
      token: "The Software PKCS#11 Softtoken",
      manufacturer: "Snake Oil, Inc.",
      serial: "",
      model: "1.0",
      "library-manufacturer": "a&b",
      "library-description": "d",
      object: "my-key;",
      "slot-manufacturer": "m",
      "slot-description": "é",
    });
    expect(uri.type).toBe("private");
    expect([...(uri.id ?? [])]).toEqual([0x69, 0x95, 0x3e, 0, 0xff]);
    expect(uri.slotId).toBe(2n ** 64n - 1n);
    expect(uri.libraryVersion).toEqual([2, 40]);
    expect(uri.modulePath).toBe("/usr/lib/a/b c.so");
  });

  it("is not longer than any that is one", () => {
    expect(() => parse(`pkcs11:token=${"a".repeat(9000)}`)).toThrow(/another text/);
  });

  it("may say nothing, in any case of its scheme, and has no attribute by a prototype", () => {
    for (const text of ["pkcs11:", "PKCS11:?", "pkcs11:?"]) expect(parse(text).texts.size).toBe(0);
    expect(parse("pkcs11:library-version=3").libraryVersion).toEqual([3, 0]);
    expect(() => parse("pkcs11:constructor=a")).toThrow(TypeError);
  });

  // The examples of RFC 7512, section 3, that hold no PIN and no name of a module.
  it.each([
    "pkcs11:",
    "pkcs11:object=my-pubkey;type=public",
    "pkcs11:token=The%20Software%20PKCS%2311%20Softtoken;manufacturer=Snake%20Oil,%20Inc.;model=1.0;object=my-certificate;type=cert;id=%69%95%3E%5C%F4%BD%EC%91;serial=",
    "pkcs11:slot-description=Sun%20Metaslot",
    "pkcs11:library-manufacturer=Snake%20Oil,%20Inc.;library-description=Soft%20Token%20Library;library-version=1.23",
    "pkcs11:token=Software%20PKCS%2311%20softtoken;manufacturer=Snake%20Oil,%20Inc.?module-path=/a",
    "pkcs11:token=A%20name%20with%20a%20substring%20%25%3B;object=my-certificate;type=cert",
    "pkcs11:token=Name%20with%20a%20small%20A%20with%20acute:%20%C3%A1;object=my-certificate;type=cert",
  ])("of the RFC is read: %s", (text) => {
    expect(() => parse(text)).not.toThrow();
  });

  it.each([
    [undefined, /it is undefined/],
    ["pkcs12:", /another text/],
    [" pkcs11:", /another text/],
    ["pkcs11:token", /NAME=VALUE/],
    ["pkcs11:;", /NAME=VALUE/],
    ["pkcs11:token=a;", /NAME=VALUE/],
    ["pkcs11:=a", /NAME=VALUE/],
    ["pkcs11:token=a;token=b", /twice/],
    ["pkcs11:token=a b", /%XX/],
    ["pkcs11:token=a\n", /%XX/],
    ["pkcs11:token=é", /%XX/],
    ["pkcs11:token=%4", /%XX/],
    ["pkcs11:token=%GG", /%XX/],
    ["pkcs11:token=a/b", /%XX/],
    ["pkcs11:token=%ff", /not UTF-8/],
    ["pkcs11:token=a%00", /zero byte/],
    ["pkcs11:type=key", /type must be/],
    ["pkcs11:slot-id=-1", /slot-id/],
    ["pkcs11:slot-id=18446744073709551616", /slot-id/],
    ["pkcs11:library-version=1.", /MAJOR/],
    ["pkcs11:library-version=a", /MAJOR/],
    ["pkcs11:x-vendor=1", /not known/],
    ["pkcs11:module-path=%2Fa", /not known/],
    ["pkcs11:?token=a", /not known/],
    ["pkcs11:?module-path=a.so", /absolute/],
    ["pkcs11:?module-path=/a?module-path=/b", /./, "allowed"],
    ["pkcs11:?module-path=/a&module-path=/b", /twice/],
    ["pkcs11:?module-path=/a#b", /%XX/],
    ["pkcs11:?module-name=opensc", /module-path instead/],
  ] as const)("URI-2: is refused where it is none: %s", (text, message, allowed?: string) => {
    if (allowed !== undefined) expect(parse(text).modulePath).toBe("/a?module-path=/b");
    else expect(() => parse(text)).toThrow(message);
  });

  it("URI-1, URI-3: takes no PIN, wherever it stands, and quotes none", () => {
    for (const text of [
      "pkcs11:token=a?pin-value=271828",
      "pkcs11:pin-value=271828",
      "pkcs11:?pin-source=file:/271828",
      "pkcs11:?module-path=/a&pin-value=271828",
      "pkcs11:?pin-value=271828%",
      "pkcs11:token=a?pin_value=271828",
      "pkcs11:token=a&pin-value=271828",
      "pkcs11:token=a,PIN-VALUE=271828",
      "pkcs11:271828=a",
      "pkcs11:type=271828",
      "pkcs11:slot-id=x271828",
      "271828",
    ]) {
      let error: unknown;
      try {
        parse(text);
      } catch (thrown) {
        error = thrown;
      }
      expect(error, text).toBeInstanceOf(TypeError);
      expect(`${(error as Error).message}`).not.toContain("271828");
    }
  });
});

describe.runIf(SOAK)("100,000 texts", () => {
  it("URI-3: are read or refused by a TypeError, whatever they are, and quoted by none", () => {
    const words =
      "pkcs11:|token=|object=|id=|type=|private|slot-id=|library-version=|module-path=|?|;|&|/|%|%41|%C3%A9|%00|%ff|=|271828|é| |\n|\0|pin-value=|pin-source=|constructor=|__proto__=".split(
        "|",
      );
    let state = 12345;
    const next = (most: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return (state >>> 8) % most;
    };
    let read = 0;
    for (let count = 0; count < 100_000; count++) {
      let text = next(8) === 0 ? "" : "pkcs11:";
      for (let length = next(9); length > 0; length--) text += words[next(words.length)];
      try {
        const uri = parse(text);
        read += 1;
        expect(/pin-(value|source)=/.test(text)).toBe(false);
        expect(uri.modulePath?.startsWith("/") ?? true).toBe(true);
      } catch (error) {
        if (!(error instanceof TypeError) || error.message.includes("271828")) throw error;
      }
    }
    expect(read).toBeGreaterThan(1000);
  });
});
