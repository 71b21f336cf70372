import { afterEach, describe, expect, it, vi } from "vitest";
import { openSecrets } from "../memories/heap/mod.ts";
import { ascii, thrown } from "../testing/core/samples.ts";
import { dangerouslyExposeString } from "./dangerous.ts";
import * as core from "./mod.ts";

const secrets = openSecrets();
afterEach(() => {
  secrets.purge();
  vi.unstubAllGlobals();
});

describe("dangerouslyExposeString", () => {
  it("gives the text, byte order mark and all, and what its use gives", () => {
    const token = secrets.move(new TextEncoder().encode("\uFEFFpärt-🜂"));
    expect(dangerouslyExposeString(token, (text) => [text])).toEqual(["\uFEFFpärt-🜂"]);
    expect(token.state).toBe("guarded");
  });

  it("closes the secret before the string is used", () => {
    const token = secrets.move(ascii("token"));
    expect(dangerouslyExposeString(token, () => token.state)).toBe("guarded");
  });

  it("refuses what is not UTF-8 and says nothing of it", () => {
    for (const bytes of [[0xff], [0x74, 0xc3], [0xed, 0xa0, 0x80]]) {
      const secret = secrets.move(Uint8Array.from(bytes));
      const error = thrown(() => dangerouslyExposeString(secret, String));
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toHaveProperty(
        "message",
        "Cannot expose string as secret must hold UTF-8; encode it first",
      );
      expect(error.cause).toBeUndefined();
    }
  });

  it("takes the decoder of the server where a test environment has none, and says when there is none at all", () => {
    vi.stubGlobal("TextDecoder", undefined);
    const token = secrets.move(ascii("token"));
    expect(dangerouslyExposeString(token, String)).toBe("token");
    vi.stubGlobal("process", undefined);
    const error = thrown(() => dangerouslyExposeString(token, String));
    expect(error.code).toBe("ERR_LETHE_UNAVAILABLE");
    expect(error.message).toContain("this platform has no TextDecoder");
  });

  it("refuses what is not a secret or no function", () => {
    const loose = dangerouslyExposeString as (...args: unknown[]) => unknown;
    for (const [run, message] of [
      [() => loose("hunter2", String), "secret must be a SecretBuffer: current value is a string"],
      [() => loose(null, String), "secret must be a SecretBuffer: current value is null"],
      [() => loose(secrets.random(4)), "use must be a function: current value is undefined"],
    ] as const) {
      expect(thrown(run)).toBeInstanceOf(TypeError);
      expect(thrown(run).message).toBe(`Cannot expose string as ${message}`);
    }
  });

  it("is reached by its own module alone", () => {
    expect(Object.keys(core).filter((name) => /danger/i.test(name))).toEqual([]);
  });
});
