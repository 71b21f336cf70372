import { afterEach, describe, expect, it, vi } from "vitest";
import { permitted } from "./permitted_fetch.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("fetch under the permissions of Deno", () => {
  it.each([
    ["https://kms.example", "kms.example:443"],
    ["https://kms.example/v1/x?y", "kms.example:443"],
    ["https://kms.example:8200", "kms.example:8200"],
    ["http://localhost", "localhost:80"],
    ["https://[::1]:8200/", "[::1]:8200"],
  ])(
    "asks whether %s may be reached by its host and port, and is not called where it may not",
    async (url, host) => {
      const asked: unknown[] = [];
      let state = "granted";
      const querySync = ({ name, host }: { readonly name: string; readonly host: string }) => {
        asked.push([name, host]);
        return { state };
      };
      vi.stubGlobal("Deno", { permissions: { querySync } });
      let calls = 0;
      const fetch = permitted(
        async (_url: string, _request: null) => (calls += 1),
        (refused) => new Error(refused),
      );
      expect(await fetch(url, null)).toBe(1);
      state = "prompt";
      await expect(fetch(url, null)).rejects.toThrow(host);
      expect(asked).toEqual([
        ["net", host],
        ["net", host],
      ]);
      expect(calls).toBe(1);
    },
  );
});
