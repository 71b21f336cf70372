/** Keys of SoftHSM whose module is in a separate process, and modules that crash and hang there. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readlinkSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { derivedNeedle, expectNoResidue } from "../../conformance/mod.ts";
import { leftBy, STATES } from "../../testing/features/pkcs11/left_by.ts";
import type { Job } from "../../testing/features/pkcs11/probe.ts";
import { COMMANDS, runProbe, startProbe } from "../../testing/features/pkcs11/run_probe.ts";
import { EVERY, ONE_EACH, Scene, SEED } from "../../testing/features/pkcs11/scene.ts";
import { CRASH, HANG, noCompiler, Shim, SLOW } from "../../testing/features/pkcs11/shim.ts";
import { noSoftHsm } from "../../testing/features/pkcs11/softhsm.ts";
import { SOAK } from "../../testing/tier.ts";

const missing = noSoftHsm ?? noCompiler();
const why = missing === null ? "" : `NOT RUN, ${missing}: `;
const LONG = { timeout: 300_000 };

describe.skipIf(missing !== null || !SOAK)(`${why}a module in another process`, LONG, () => {
  let scene: Scene;
  let shim: Shim;
  let env: readonly string[];
  beforeAll(() => {
    scene = new Scene();
    scene.hsm.addKey("lethe", scene.pin, "aes:32", "sealing", "03");
    shim = new Shim(scene.hsm);
    env = [...scene.env, ...shim.env(), "LETHE_TEST_LEAK=leaked"];
  });
  beforeEach(() => shim.clear());
  afterAll(() => scene?.stop());

  const names = (): readonly string[] =>
    [...scene.env, ...shim.env()].map((line) => line.replace(/=.*/s, ""));
  const job = (does: Job["does"], object: string, more: Partial<Job> = {}): Job => {
    const uri = scene.hsm.uri("lethe", object, "", shim.path);
    return scene.job(does, object, { uri, isolated: names(), ...more });
  };

  it.each(EVERY.filter((name) => !name.includes("node:ffi")))(
    "keeps the rules of wrappers on %s: RSA and AES",
    async (runtime) => {
      const other = scene.hsm.uri("lethe", "others", "", shim.path);
      for (const object of ["envelopes", "sealing"]) {
        const said = await runProbe(runtime, env, job("conform", object, { other }));
        expect(said).toMatchObject({ outcome: [], live: 0 });
      }
    },
  );

  it("is not sent a body that no key makes", async () => {
    const body = scene.write("long", new Uint8Array(100_000));
    const args = ["lethe/pkcs11", "rsa-oaep-sha1", "tag"] as const;
    const said = await runProbe("node-24", env, job("unwrap", "envelopes", { body, args }));
    expect(said).toMatchObject({ outcome: { code: "ERR_LETHE_ENVELOPE_FORMAT" }, live: 0 });
  });

  it.each(ONE_EACH)("does sixteen at once on %s", async (runtime) => {
    const said = await runProbe(runtime, env, job("many", "envelopes"));
    expect(said).toMatchObject({ outcome: 16, live: 0 });
  });

  it.each(
    ONE_EACH.flatMap((runtime) => STATES.map(([does, memory]) => [runtime, does, memory] as const)),
  )(
    "leaves no file key and no PIN in the application: %s, %s, %s",
    async (runtime, does, memory) => {
      const left = await leftBy(runtime, env, job(does, "envelopes", { memory }), scene.pin);
      expect(left).toEqual({ key: 0, pin: 0, memory });
    },
  );

  it.each(ONE_EACH)(
    "is not in the application, nor is its environment in it, on %s",
    async (runtime) => {
      const target = await startProbe(runtime, env, job("keep", "envelopes"));
      try {
        const { isolatedPid } = target.said;
        const maps = (pid: number): string => readFileSync(`/proc/${pid}/maps`, "utf8");
        expect(maps(target.pid)).not.toMatch(/shim\.so|softhsm/);
        expect(maps(isolatedPid)).toMatch(/shim\.so/);
        expect(maps(isolatedPid)).toMatch(/softhsm/);
        const own = readFileSync(`/proc/${isolatedPid}/environ`, "utf8").split("\0");
        expect(own.filter((line) => /^(?:PATH|LETHE_TEST_LEAK)=/.test(line))).toEqual([]);
        expect(own.filter((line) => line.startsWith("SOFTHSM2_CONF="))).toHaveLength(1);
        expect(readlinkSync(`/proc/${isolatedPid}/fd/0`)).toBe("/dev/null");
      } finally {
        await target.stop();
      }
      const { isolatedPid } = target.said;
      await expect.poll(() => existsSync(`/proc/${isolatedPid}`), { timeout: 10_000 }).toBe(false);
    },
  );

  it.each(ONE_EACH)(
    "leaves nothing by Lethe in the process of the module, on %s",
    async (runtime) => {
      // This one hands no byte of a PIN and of a key on, and takes every PIN.
      const plain = [...scene.env, ...shim.env(scene.pin)];
      const isolated = plain.map((line) => line.replace(/=.*/s, ""));
      const pin = scene.write("another-pin", "pin-of-this-test-alone");
      const given = { isolated, pin, rounds: 20, memory: "secretmem" };
      const target = await startProbe(runtime, plain, job("keep", "envelopes", given));
      try {
        expect(target.said.outcome).toBe("ok");
        expectNoResidue({
          pid: target.said.isolatedPid,
          needle: [
            derivedNeedle(SEED, 16, "file key"),
            { label: "PIN", bytes: new Uint8Array(readFileSync(pin)) },
          ],
          witness: { label: "its environment", bytes: new Uint8Array(Buffer.from(shim.path)) },
        });
      } finally {
        await target.stop();
      }
    },
  );

  it.each(
    ONE_EACH.flatMap((runtime) =>
      (["C_Initialize", "C_Login", "C_Encrypt", "C_Decrypt"] as const).map(
        (name) => [name, runtime] as const,
      ),
    ),
  )("that crashes at %s takes its process alone with it, on %s", async (name, runtime) => {
    shim.setFault(name, CRASH);
    const said = await runProbe(runtime, env, job("rounds", "envelopes"));
    expect(said).toMatchObject({
      live: 0,
      outcome: {
        code: "ERR_LETHE_WRAPPER",
        name: "LetheError",
        message: expect.stringMatching(/the process of its module ended \(.*open the key again/),
      },
    });
  });

  it.each(ONE_EACH)(
    "that is slow is not late for sixteen calls at once, on %s",
    async (runtime) => {
      shim.setFault("C_DecryptInit", SLOW);
      const said = await runProbe(runtime, env, job("many", "envelopes", { timeout: 4000 }));
      expect(said).toMatchObject({ outcome: 16, live: 0 });
    },
  );

  it.each(ONE_EACH)("has no page open while code of the caller runs, on %s", async (runtime) => {
    const said = await runProbe(runtime, env, job("land", "envelopes", { memory: "secretmem" }));
    expect(said).toMatchObject({ outcome: { counts: [0, 0], same: true }, live: 0 });
  });

  it.each(ONE_EACH)("that hangs is ended in time on %s", async (runtime) => {
    shim.setFault("C_Decrypt", HANG);
    const said = await runProbe(runtime, env, job("rounds", "envelopes", { timeout: 3000 }));
    expect(said).toMatchObject({
      live: 0,
      outcome: {
        message: expect.stringMatching(
          /did not answer the call within 3000 ms, and its process was ended/,
        ),
      },
    });
  });

  it.each(ONE_EACH)("that hangs does not outlive its application on %s", async (runtime) => {
    const target = await startProbe(runtime, env, job("hang", "envelopes", { fault: shim.fault }));
    const { isolatedPid } = target.said;
    expect(existsSync(`/proc/${isolatedPid}`)).toBe(true);
    process.kill(target.pid, "SIGKILL");
    await expect.poll(() => existsSync(`/proc/${isolatedPid}`), { timeout: 10_000 }).toBe(false);
  });

  it.each(ONE_EACH)("does not keep an application that has done, on %s", async (runtime) => {
    const probe = new URL("../../testing/features/pkcs11/idle_probe.ts", import.meta.url).pathname;
    const words = [
      ...env,
      ...(COMMANDS[runtime] ?? []),
      probe,
      JSON.stringify(job("keep", "envelopes")),
    ];
    const { stdout, status } = spawnSync("env", words, { encoding: "utf8", timeout: 60_000 });
    expect(status).toBe(0);
    expect(Number(stdout)).toBeGreaterThan(1);
    const left = (): boolean => existsSync(`/proc/${Number(stdout)}`);
    await expect.poll(left, { timeout: 10_000 }).toBe(false);
  });

  it("says what its token says: PINs, and a login that is tried once", async () => {
    scene.write("wrong", "a-wrong-pin");
    const wrong = `${scene.hsm.folder}/wrong`;
    const pins = [wrong, wrong, `${wrong}!`, `${scene.hsm.folder}/pin`];
    const here = await runProbe(
      "node-24",
      env,
      job("rounds", "envelopes", { pins, isolated: undefined as never }),
    );
    const there = await runProbe("node-24", env, job("rounds", "envelopes", { pins }));
    expect(here.outcome).toContainEqual(["CKR_PIN_INCORRECT", expect.any(String)]);
    expect(there.outcome).toContainEqual(["CKR_PIN_INCORRECT", expect.any(String)]);
  });
});
