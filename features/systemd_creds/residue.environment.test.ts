import { afterAll, describe, expect, it } from "vitest";
import { EVERY } from "../../testing/features/pkcs11/scene.ts";
import { probe } from "../../testing/features/systemd_creds/run_probe.ts";
import { CredsStage, noSystemdCreds } from "../../testing/features/systemd_creds/stage.ts";
import { SOAK } from "../../testing/tier.ts";

const why = noSystemdCreds === null ? "" : `NOT RUN, ${noSystemdCreds}: `;

describe.skipIf(noSystemdCreds !== null || !SOAK)(`${why}residue`, { timeout: 300_000 }, () => {
  const stage = new CredsStage();
  afterAll(() => stage.remove());

  it.each(EVERY)("on %s: no file key is left, and the rules of wrappers are kept", async (name) => {
    const memory = name.startsWith("node-22") || name.startsWith("node-24") ? "sodium" : "pages";
    const options = { name: "backup", key: "host", program: stage.host() } as const;
    const said = await probe(name, { memory, options, seed: 8101, rounds: 20 });
    expect(said).toMatchObject({ outcome: { same: 20 }, faults: [], memory, live: 0, left: 0 });
  });
});
