import { afterEach, expect, it, vi } from "vitest";
import { openSecrets } from "../../memories/heap/mod.ts";
import { landingOf } from "../sources/mod.ts";
import { BunSecretsSource } from "./bun_secrets.ts";

afterEach(() => vi.unstubAllGlobals());

it("a read of Bun.secrets is given up with the signal while the keyring asks its user", async () => {
  vi.stubGlobal("Bun", { secrets: { get: () => new Promise(() => undefined) } });
  const stop = new AbortController();
  const land = landingOf(openSecrets());
  const reading = new BunSecretsSource().read("lethe/db", { land, signal: stop.signal });
  const reason = new Error("of the test");
  setTimeout(() => stop.abort(reason), 10);
  await expect(reading).rejects.toBe(reason);
});
