import { expect, it } from "vitest";
import type { CryptoEngine } from "../../../core/contract/engine.ts";
import type { Runtime, Secrets } from "../../../core/mod.ts";
import { openSodiumEngine } from "../../../engines/sodium/mod.ts";
import { openSecrets } from "../../../memories/heap/mod.ts";
import { thrown } from "../../../testing/core/samples.ts";
import { channelContextFor } from "./channel_context.ts";

const sodium = openSodiumEngine();
const named = (name: string, lacking: readonly string[] = []): CryptoEngine => ({
  ...sodium,
  name,
  operations: new Set([...sodium.operations].filter((one) => !lacking.includes(one))),
});
const runtime = (...engines: readonly CryptoEngine[]): Runtime => ({
  name: "Test",
  memories: [],
  engines: engines.map((engine) => ({ name: engine.name, open: () => engine })),
});

it("a channel computes with the engine of its secrets, and with the runtime's where somebody else made them", () => {
  const secrets = openSecrets({ engine: named("own") });
  const { engine, secrets: kept } = channelContextFor(secrets, runtime(named("other")));
  expect([engine.name, kept]).toEqual(["own", secrets]);
  const foreign = { memory: "foreign" } as Secrets;
  expect(channelContextFor(foreign, runtime(named("other"))).engine.name).toBe("other");
});

it("a channel has an engine that can carry it, or none", () => {
  const foreign = { memory: "foreign" } as Secrets;
  for (const operation of ["aead", "keyed-hash", "x25519"]) {
    const lacking = named("lacking", [operation]);
    expect(channelContextFor(foreign, runtime(lacking, named("whole"))).engine.name).toBe("whole");
    const error = thrown(() => channelContextFor(foreign, runtime(lacking)));
    expect([error.code, error.message]).toEqual([
      "ERR_LETHE_UNAVAILABLE",
      expect.stringMatching(
        `^Cannot open custodian: [^]*available; no other can be passed[^]*lacking: has no ${operation}$`,
      ),
    ]);
  }
});
