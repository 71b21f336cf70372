/** Keys of a software TPM (swtpm), with and without the host's key beside them. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ONE_EACH } from "../../testing/features/pkcs11/scene.ts";
import { noTpm, SoftwareTpm } from "../../testing/features/pkcs11/tpm.ts";
import { probe } from "../../testing/features/systemd_creds/run_probe.ts";
import { CredsStage, noSystemdCreds } from "../../testing/features/systemd_creds/stage.ts";
import { SOAK } from "../../testing/tier.ts";

const missing = noSystemdCreds ?? (noTpm === null ? null : `${noTpm} is missing`);
/** Through a resource manager: a bare TPM has room for three objects, and keeps those of a program that fails. */
const DEVICE = "tabrmd:bus_type=session";
const why = missing === null ? "" : `NOT RUN, ${missing}: `;

describe.skipIf(missing !== null || !SOAK)(`${why}a TPM's key`, { timeout: 300_000 }, () => {
  const stage = new CredsStage();
  const { envelopes, use, expectFailure } = stage;
  const message = new Uint8Array(Buffer.from("a message"));
  let tpm: SoftwareTpm;
  beforeAll(async () => {
    tpm = await SoftwareTpm.start();
  }, 120_000);
  const host = (name: string = "here", { bus }: SoftwareTpm = tpm): string =>
    stage.host(bus.slice(-40).replaceAll(/\W/g, "") + name, bus);
  afterAll(async () => {
    await tpm?.stop();
    stage.remove();
  });

  it.each(
    ONE_EACH.flatMap((runtime) => (["tpm2", "host+tpm2"] as const).map((key) => [key, runtime])),
  )("%s on %s follows the rules of wrappers, and leaves no file key", async (key, runtime) => {
    const named = { name: "backup", key: key as "tpm2", tpm2Device: DEVICE };
    const options = { ...named, program: host() };
    const memory = runtime === "node-24" ? "sodium" : "pages";
    const said = await probe(runtime as string, { memory, options, seed: 8201, rounds: 5 });
    expect(said).toMatchObject({ outcome: { same: 5 }, faults: [], live: 0, left: 0 });
  });

  it("opens while the registers are as they were, and nothing else does", async () => {
    const bound = { key: "tpm2", tpm2Device: DEVICE, tpm2Pcrs: [16] } as const;
    const key = use(host(), bound);
    tpm.run("tpm2_pcrextend", [`16:sha256=${"1".repeat(64)}`]);
    const envelope = await envelopes.seal(message, [key]);
    (await envelopes.open(envelope, [key])).destroy();
    tpm.run("tpm2_pcrextend", [`16:sha256=${"2".repeat(64)}`]);
    await expectFailure(() => envelopes.open(envelope, [key]), /another state of its TPM/);
    tpm.run("tpm2_pcrreset", ["16"]);
    tpm.run("tpm2_pcrextend", [`16:sha256=${"1".repeat(64)}`]);
    (await envelopes.open(envelope, [key])).destroy();
  });

  it("of another TPM opens nothing, and needs the host's key where it is with it", async () => {
    const both = { key: "host+tpm2", tpm2Device: DEVICE } as const;
    const envelope = await envelopes.seal(message, [use(host(), both)]);
    await expectFailure(() => envelopes.open(envelope, [use(host("there"), both)]), /status/);
    const second = await SoftwareTpm.start();
    try {
      const elsewhere = use(host("here", second), both);
      await expectFailure(() => envelopes.open(envelope, [elsewhere]), /status 1/);
    } finally {
      await second.stop();
    }
    (await envelopes.open(envelope, [use(host(), both)])).destroy();
  });
});
