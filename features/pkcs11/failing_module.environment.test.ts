/** A module in front of SoftHSM that fails where the test says so, and counts what it is asked. */
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { derivedNeedle, expectNoResidue } from "../../conformance/mod.ts";
import type { Job } from "../../testing/features/pkcs11/probe.ts";
import { runProbe, startProbe } from "../../testing/features/pkcs11/run_probe.ts";
import { ONE_EACH, Scene, SEED } from "../../testing/features/pkcs11/scene.ts";
import { noCompiler, Shim } from "../../testing/features/pkcs11/shim.ts";
import { noSoftHsm } from "../../testing/features/pkcs11/softhsm.ts";
import { SOAK } from "../../testing/tier.ts";

const missing = noSoftHsm ?? noCompiler();
const why = missing === null ? "" : `NOT RUN, ${missing}: `;

let scene: Scene;
beforeAll(() => {
  if (missing === null && SOAK) scene = new Scene();
});
afterAll(() => scene?.stop());

const LONG = { timeout: 300_000 };

describe.skipIf(missing !== null || !SOAK)(`${why}a module that fails`, LONG, () => {
  let shim: Shim;
  beforeAll(() => {
    shim = new Shim(scene.hsm);
  });
  beforeEach(() => shim.clear());
  const at = (): Partial<Job> => ({ uri: scene.hsm.uri("lethe", "envelopes", "", shim.path) });

  it.each(ONE_EACH)("and gives its function list alone, is used on %s", async (runtime) => {
    const said = await runProbe(
      runtime,
      [...scene.env, ...shim.env()],
      scene.job("rounds", "", at()),
    );
    expect(said).toMatchObject({ outcome: "ok", live: 0 });
    const by = await runProbe(
      "node-26 by node:ffi",
      [...scene.env, ...shim.env()],
      scene.job("rounds", "", at()),
    );
    expect(by.outcome).toMatchObject({ message: expect.stringMatching(/install koffi/) });
  });

  it.each([
    ["C_Initialize", 0xa, "CKR_CANT_LOCK"],
    ["C_GetSlotList", 0x30, "CKR_DEVICE_ERROR"],
    ["C_OpenSession", 0xe0, "CKR_TOKEN_NOT_PRESENT"],
    ["C_Login", 0x32, "CKR_DEVICE_REMOVED"],
    ["C_Login", 0xa4, "CKR_PIN_LOCKED"],
    ["C_FindObjectsInit", 0xb3, "CKR_SESSION_HANDLE_INVALID"],
    ["C_FindObjects", 0x32, "CKR_DEVICE_REMOVED"],
    ["C_GetAttributeValue", 0x32, "CKR_DEVICE_REMOVED"],
    ["C_GetMechanismInfo", 0x70, "CKR_MECHANISM_INVALID"],
    ["C_EncryptInit", 0x71, "CKR_MECHANISM_PARAM_INVALID"],
    ["C_Encrypt", 0x30, "CKR_DEVICE_ERROR"],
    ["C_DecryptInit", 0x68, "CKR_KEY_FUNCTION_NOT_PERMITTED"],
    ["C_Decrypt", 0x32, "CKR_DEVICE_REMOVED"],
    ["C_Decrypt", 0x8000_0003, "CKR_VENDOR_DEFINED+0x3"],
  ] as const)(
    "LOGIN-1, MODULE-3: at %s ends its session, and says so: %s %s",
    async (name, value, ckr) => {
      shim.setFault(name, value);
      const said = await runProbe(
        "node-24",
        [...scene.env, ...shim.env()],
        scene.job("rounds", "", at()),
      );
      expect(said).toMatchObject({
        outcome: { code: "ERR_LETHE_WRAPPER", returnValue: ckr, name: "LetheError" },
        live: 0,
      });
      const counts = shim.counts();
      const failed = (of: string): number => (of === name ? 1 : 0);
      const opened = (counts["C_OpenSession"] ?? 0) - failed("C_OpenSession");
      expect(counts["C_CloseSession"] ?? 0).toBe(opened);
      expect(counts["C_Logout"] ?? 0).toBe((counts["C_Login"] ?? 0) - failed("C_Login"));
      expect(counts["C_Finalize"] ?? 0).toBe(
        (counts["C_Initialize"] ?? 0) - failed("C_Initialize"),
      );
    },
  );

  it("LOGIN-3: that counts PINs is not asked again, never for the last try, never when locked", async () => {
    writeFileSync(join(scene.hsm.folder, "wrong"), "a-wrong-pin", { mode: 0o600 });
    const tries = {
      ...scene.job("rounds", "", at()),
      pins: ["wrong", "wrong", "wrong", "pin", "wrong!", "pin"].map((name) =>
        name.endsWith("!")
          ? `${join(scene.hsm.folder, name.slice(0, -1))}!`
          : join(scene.hsm.folder, name),
      ),
    };
    const said = await runProbe("node-24", [...scene.env, ...shim.env()], tries as Job);
    expect(said.outcome).toEqual([
      ["CKR_PIN_INCORRECT", "fewer"],
      ["CKR_PIN_INCORRECT", "one"],
      [null, "one"],
      [null, "one"],
      ["CKR_PIN_INCORRECT", "none"],
      ["CKR_PIN_LOCKED", "none"],
    ]);
    expect(shim.counts()["C_Login"]).toBe(3);
  });

  it("LOGIN-3: a PIN that was right and is wrong now is tried once by a wrapper", async () => {
    const once = scene.job("rounds", "", { ...at(), fault: shim.fault });
    const { outcome, live } = await runProbe("node-24", [...scene.env, ...shim.env()], once);
    expect(outcome).toEqual(Array(3).fill("CKR_PIN_INCORRECT"));
    expect(live).toBe(0);
    expect(shim.counts()["C_Login"]).toBe(2);
  });

  it.each(ONE_EACH)(
    "LOGIN-2: on %s no byte of PIN or file key is left by Lethe",
    async (runtime) => {
      const pin = randomBytes(15).toString("base64url");
      writeFileSync(join(scene.hsm.folder, "needle"), pin, { mode: 0o600 });
      const given = { ...at(), pin: join(scene.hsm.folder, "needle"), rounds: 20 };
      const target = await startProbe(
        ...([
          runtime,
          [...scene.env, ...shim.env(scene.pin)],
          scene.job("rounds", "", given),
        ] as const),
      );
      try {
        expect(target.said).toMatchObject({ outcome: "ok", live: 0 });
        expect(shim.counts()["C_Decrypt"]).toBe(20);
        const needles = [
          derivedNeedle(SEED, 16, "file key"),
          { label: "PIN", bytes: new Uint8Array(Buffer.from(pin)) },
        ];
        expectNoResidue({
          pid: target.pid,
          needle: needles,
          witness: derivedNeedle(SEED + 1, 512),
        });
      } finally {
        await target.stop();
      }
    },
  );
});
