/** A cache around a key of SoftHSM, by a module that counts and fails, and around a key of a plugin. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { derivedNeedle, expectNoResidue } from "../../conformance/mod.ts";
import { PluginStage } from "../../testing/features/age_plugins/plugin_stage.ts";
import { startProbe } from "../../testing/features/pkcs11/run_probe.ts";
import { ONE_EACH, Scene, SEED } from "../../testing/features/pkcs11/scene.ts";
import { noCompiler, Shim } from "../../testing/features/pkcs11/shim.ts";
import { noSoftHsm } from "../../testing/features/pkcs11/softhsm.ts";
import { SOAK } from "../../testing/tier.ts";
import { runWrapperConformance } from "../envelopes/mod.ts";
import { cached } from "./mod.ts";

const missing = noSoftHsm ?? noCompiler();
const why = missing === null ? "" : `NOT RUN, ${missing}: `;
const LONG = { timeout: 120_000 };

describe.skipIf(missing !== null || !SOAK)(`${why}a token in a cache`, LONG, () => {
  let scene: Scene;
  let shim: Shim;
  beforeAll(() => {
    scene = new Scene();
    shim = new Shim(scene.hsm);
  });
  afterAll(() => scene?.stop());

  it.each(ONE_EACH)("is asked once for five openings, and leaves nothing, on %s", async (name) => {
    shim.clear();
    const uri = scene.hsm.uri("lethe", "envelopes", "", shim.path);
    const memory = name === "node-24" ? "sodium" : "pages";
    const job = scene.job("cached", "", { uri, memory, fault: shim.fault });
    const target = await startProbe(name, [...scene.env, ...shim.env()], job);
    try {
      const refused = "CKR_DEVICE_ERROR";
      expect(target.said.outcome).toEqual([...Array(5).fill(true), refused, refused, true]);
      expect(shim.counts()["C_Decrypt"]).toBe(2);
      // One key is kept now, sealed.
      expectNoResidue({
        pid: target.pid,
        needle: [derivedNeedle(SEED, 16, "file key")],
        witness: derivedNeedle(SEED + 1, 512, "witness"),
      });
    } finally {
      await target.stop();
    }
  });
});

describe.skipIf(process.platform !== "linux")("a plugin in a cache", LONG, () => {
  const stage = new PluginStage();
  const { secrets, envelopes, use, own } = stage;
  const LIMITS = { maxAge: 60_000, uses: 3, entries: 5 };
  afterEach(() => stage.endTest());
  afterAll(() => stage.remove());

  it("is started once for as many openings as the cache gives", async () => {
    const trace = join(stage.folder, "starts");
    const program = stage.counting(trace);
    const cache = cached(secrets, use("", { program }), LIMITS);
    const message = new Uint8Array(Buffer.from("a message"));
    const envelope = await envelopes.seal(message, [cache]);
    const starts = (): number =>
      existsSync(trace) ? (readFileSync(trace, "utf8").match(/started/g)?.length ?? 0) : 0;
    const sealing = starts();
    for (const expected of [1, 1, 1, 2]) {
      expect(stage.textOf(await envelopes.open(envelope, [cache]))).toBe("a message");
      expect(starts() - sealing).toBe(expected);
    }
    cache.close();
  });

  it.runIf(SOAK)("keeps the rules of wrappers", async () => {
    const wrapper = cached(secrets, use(""), LIMITS);
    const other = own(envelopes.createIdentity());
    expect(await runWrapperConformance({ secrets, wrapper, other })).toEqual([]);
    wrapper.close();
  });
});
