/** ECDH with keys of P-256 on a token of SoftHSM, judged by `pkcs11-tool --derive` and OpenSSL. */
import {
  createCipheriv,
  createDecipheriv,
  createECDH,
  createPublicKey,
  generateKeyPairSync,
  hkdfSync,
} from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { derivedNeedle, expectNoResidue } from "../../conformance/mod.ts";
import { leftBy, STATES } from "../../testing/features/pkcs11/left_by.ts";
import type { Job } from "../../testing/features/pkcs11/probe.ts";
import { runProbe, startProbe } from "../../testing/features/pkcs11/run_probe.ts";
import { EVERY, ONE_EACH, Scene, SEED } from "../../testing/features/pkcs11/scene.ts";
import { noSoftHsm } from "../../testing/features/pkcs11/softhsm.ts";
import { SOAK } from "../../testing/tier.ts";

const why = noSoftHsm === null ? "" : `NOT RUN, ${noSoftHsm}: `;
/** SubjectPublicKeyInfo of P-256 in front of a point. */
const HEAD = Buffer.from("3059301306072a8648ce3d020106082a8648ce3d030107034200", "hex");

/** The key that wraps, of what both sides agree on. */
function wrapKeyOf(shared: Uint8Array, share: Uint8Array, point: Uint8Array): Buffer {
  const salt = Buffer.concat([share, point]);
  return Buffer.from(hkdfSync("sha256", shared, salt, "lethe/pkcs11 ecdh-p256", 32));
}

const TAG = { authTagLength: 16 };
const NONCE = Buffer.alloc(12);

describe.skipIf(noSoftHsm !== null || !SOAK)(`${why}ECDH`, { timeout: 300_000 }, () => {
  let scene: Scene;
  let point: Buffer;
  beforeAll(() => {
    scene = new Scene();
    const { hsm, pin } = scene;
    hsm.addKey("lethe", pin, "EC:prime256v1", "curve", "04");
    hsm.addKey("lethe", pin, "EC:prime256v1", "curve2", "05");
    hsm.addKey("lethe", pin, "EC:secp384r1", "larger", "06");
    const file = join(hsm.folder, "curve.der");
    hsm.tool("lethe", pin, ["--read-object", "--type", "pubkey", "--id", "04", "-o", file]);
    const der = readFileSync(file);
    point = der.subarray(-65);
    expect(createPublicKey({ key: der, format: "der", type: "spki" }).asymmetricKeyType).toBe("ec");
  });
  afterAll(() => scene?.stop());
  const job = (does: Job["does"], more: Partial<Job> = {}): Job => scene.job(does, "curve", more);
  const key = Buffer.from(derivedNeedle(SEED, 16).bytes);

  it.each(EVERY)("follows the rules of wrappers on %s", async (runtime) => {
    const conform = job("conform", { other: scene.hsm.uri("lethe", "curve2") });
    const said = await runProbe(runtime, scene.env, conform);
    expect(said).toMatchObject({ outcome: [], live: 0, memory: "pages" });
  });

  it.each(ONE_EACH)("follows them with the module in another process, on %s", async (runtime) => {
    const other = scene.hsm.uri("lethe", "curve2");
    const conform = job("conform", { other, isolated: ["SOFTHSM2_CONF"] });
    const said = await runProbe(runtime, scene.env, conform);
    expect(said).toMatchObject({ outcome: [], live: 0 });
  });

  it.each(ONE_EACH)("is that of pkcs11-tool and OpenSSL, both ways, on %s", async (runtime) => {
    const [body, share, out] = ["body", "share", "out"].map((name) =>
      join(scene.hsm.folder, `${name}-${runtime}`),
    ) as [string, string, string];
    const { outcome } = await runProbe(runtime, scene.env, job("wrap", { body }));
    expect(outcome).toMatchObject(["lethe/pkcs11", "ecdh-p256", expect.any(String)]);
    const given = readFileSync(body);
    expect(given).toHaveLength(65 + 32);
    const theirs = given.subarray(0, 65);
    writeFileSync(share, Buffer.concat([HEAD, theirs]));
    const derive = ["--derive", "-m", "ECDH1-DERIVE", "--id", "04", "--input-file", share];
    scene.hsm.tool("lethe", scene.pin, [...derive, "--output-file", out]);
    const wrapKey = wrapKeyOf(readFileSync(out), theirs, point);
    const open = createDecipheriv("chacha20-poly1305", wrapKey, NONCE, TAG);
    open.setAuthTag(given.subarray(-16));
    expect(Buffer.concat([open.update(given.subarray(65, -16)), open.final()])).toEqual(key);

    const own = createECDH("prime256v1");
    const ours = own.generateKeys();
    const seal = createCipheriv(
      "chacha20-poly1305",
      wrapKeyOf(own.computeSecret(point), ours, point),
      ...([NONCE, TAG] as const),
    );
    const sealed = [seal.update(key), seal.final(), seal.getAuthTag()];
    writeFileSync(body, Buffer.concat([ours, ...sealed]));
    const unwrap = job("unwrap", { body, args: outcome as never });
    expect((await runProbe(runtime, scene.env, unwrap)).outcome).toBe(true);
    // One that names the key and does not open ends the search: nobody keeps a token busy with thousands of them.
    const tag = sealed[2] as Buffer;
    tag[0] = (tag[0] as number) ^ 1;
    writeFileSync(body, Buffer.concat([ours, ...sealed]));
    for (const isolated of [["SOFTHSM2_CONF"], undefined]) {
      const altered = job("unwrap", {
        body,
        args: outcome as never,
        ...(isolated && { isolated }),
      });
      expect((await runProbe(runtime, scene.env, altered)).outcome).toMatchObject({
        code: "ERR_LETHE_WRAPPER",
        message: expect.stringMatching(/its stanza does not open with it/),
      });
    }
    // A share that is no point of the curve never comes to the token.
    writeFileSync(body, Buffer.concat([Buffer.alloc(65, 4), ...sealed]));
    expect((await runProbe(runtime, scene.env, unwrap)).outcome).toMatchObject({
      code: "ERR_LETHE_ENVELOPE_FORMAT",
    });
  });

  it.each(
    ONE_EACH.flatMap((runtime) => STATES.map(([does, memory]) => [runtime, does, memory] as const)),
  )("leaves no file key and no PIN on %s: %s, %s", async (runtime, does, memory) => {
    const left = await leftBy(runtime, scene.env, job(does, { memory }), scene.pin);
    expect(left).toEqual({ key: 0, pin: 0, memory });
  });

  it.each(ONE_EACH)("leaves nothing of what both agree on, on %s", async (runtime) => {
    const [body, share, out] = ["body", "share", "out"].map((name) =>
      join(scene.hsm.folder, `${name}-agreed-${runtime}`),
    ) as [string, string, string];
    for (const isolated of [["SOFTHSM2_CONF"], undefined]) {
      const more = { body, memory: "pages", ...(isolated && { isolated }) };
      const target = await startProbe(runtime, scene.env, job("both", more));
      try {
        const theirs = readFileSync(body).subarray(0, 65);
        writeFileSync(share, Buffer.concat([HEAD, theirs]));
        const derive = ["--derive", "-m", "ECDH1-DERIVE", "--id", "04", "--input-file", share];
        scene.hsm.tool("lethe", scene.pin, [...derive, "--output-file", out]);
        const shared = new Uint8Array(readFileSync(out));
        expectNoResidue({
          pid: target.pid,
          needle: [
            { label: "shared secret", bytes: shared },
            { label: "wrap key", bytes: new Uint8Array(wrapKeyOf(shared, theirs, point)) },
          ],
          witness: derivedNeedle(SEED + 1, 512, "witness"),
        });
      } finally {
        await target.stop();
      }
    }
  });

  it("FOUND-2: is refused where somebody put another public half beside it", async () => {
    const { hsm, pin } = scene;
    hsm.addKey("lethe", pin, "EC:prime256v1", "swapped", "07");
    hsm.tool("lethe", pin, ["--delete-object", "--type", "pubkey", "--label", "swapped"]);
    const file = join(hsm.folder, "another.der");
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    writeFileSync(file, publicKey.export({ type: "spki", format: "der" }));
    const write = ["--write-object", file, "--type", "pubkey", "--label", "swapped", "--id", "07"];
    hsm.tool("lethe", pin, write);
    const { outcome, live } = await runProbe("node-24", scene.env, scene.job("rounds", "swapped"));
    expect(outcome).toMatchObject({
      message: expect.stringMatching(/is not that of its private key/),
    });
    expect(live).toBe(0);
  });

  it("is of P-256 alone", async () => {
    const { outcome } = await runProbe("node-24", scene.env, scene.job("rounds", "larger"));
    expect(outcome).toMatchObject({ message: expect.stringMatching(/another curve; P-256/) });
  });
});
