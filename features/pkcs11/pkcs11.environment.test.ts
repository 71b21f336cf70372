/** Tokens of SoftHSM from every runtime, judged by `pkcs11-tool` and OpenSSL. TPMs: tpm.environment.test.ts. */
import { spawn } from "node:child_process";
import {
  createCipheriv,
  createDecipheriv,
  generateKeyPairSync,
  publicEncrypt,
  randomBytes,
} from "node:crypto";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { derivedNeedle } from "../../conformance/mod.ts";
import { leftBy, STATES } from "../../testing/features/pkcs11/left_by.ts";
import { COMMANDS, ROOT, runProbe } from "../../testing/features/pkcs11/run_probe.ts";
import { EVERY, ONE_EACH, Scene, SEED } from "../../testing/features/pkcs11/scene.ts";
import { noSoftHsm } from "../../testing/features/pkcs11/softhsm.ts";
import { SOAK } from "../../testing/tier.ts";

const SHA1 = ["-m", "RSA-PKCS-OAEP", "--hash-algorithm", "SHA-1", "--mgf", "MGF1-SHA1"];
const why = noSoftHsm === null ? "" : `NOT RUN, ${noSoftHsm}: `;
/** As bytes: pkcs11-tool puts a known key onto the token. */
const aes = randomBytes(32);

let scene: Scene;
beforeAll(() => {
  if (noSoftHsm !== null || !SOAK) return;
  scene = new Scene();
  const { hsm, pin } = scene;
  const words = ["--write-object", scene.write("aes", aes), "--type", "secrkey", "--key-type"];
  hsm.tool("lethe", pin, [
    ...words,
    "AES:32",
    "--label",
    "sealing",
    "--id",
    "03",
    "--usage-decrypt",
  ]);
  hsm.addKey("lethe", pin, "EC:secp384r1", "curve", "04");
});
afterAll(() => scene?.stop());

const LONG = { timeout: 300_000 };
const onTokens = describe.skipIf(noSoftHsm !== null || !SOAK);

onTokens(`${why}keys of a token`, LONG, () => {
  it.each(EVERY)("follow the rules of wrappers on %s: RSA, AES", async (runtime) => {
    for (const [object, other] of [
      ["envelopes", "others"],
      ["sealing", "envelopes"],
    ] as const) {
      const conform = scene.job("conform", object, { other: scene.hsm.uri("lethe", other) });
      const said = await runProbe(runtime, scene.env, conform);
      expect(said).toMatchObject({ outcome: [], live: 0, memory: "pages" });
    }
  });

  it.each(EVERY)("are those of pkcs11-tool and OpenSSL, both ways, on %s", async (runtime) => {
    const body = join(scene.hsm.folder, `body-${runtime}`);
    const key = Buffer.from(derivedNeedle(SEED, 16).bytes);
    const rsa = await runProbe(runtime, scene.env, scene.job("wrap", "envelopes", { body }));
    const name = ["--id", "01"]; // by a label pkcs11-tool 0.23 takes any private key to decrypt
    expect(scene.hsm.decrypt("lethe", scene.pin, readFileSync(body), [...SHA1, ...name])).toEqual(
      key,
    );
    const read = ["--read-object", "--type", "pubkey", ...name, "--output-file", `${body}.der`];
    scene.hsm.tool("lethe", scene.pin, read);
    const der = { key: readFileSync(`${body}.der`), format: "der", type: "spki" } as const;
    writeFileSync(body, publicEncrypt({ ...der, oaepHash: "sha1" } as never, key));
    const args = rsa.outcome as never;
    const unwrap = scene.job("unwrap", "envelopes", { body, args });
    expect((await runProbe(runtime, scene.env, unwrap)).outcome).toBe(true);

    const { outcome } = await runProbe(runtime, scene.env, scene.job("wrap", "sealing", { body }));
    const sealed = readFileSync(body);
    const [nonce, context] = [sealed.subarray(0, 12), Buffer.from("lethe/pkcs11 aes-gcm")];
    const open = createDecipheriv("aes-256-gcm", aes, nonce).setAAD(context);
    open.setAuthTag(sealed.subarray(-16));
    expect(Buffer.concat([open.update(sealed.subarray(12, -16)), open.final()])).toEqual(key);
    const seal = createCipheriv("aes-256-gcm", aes, nonce).setAAD(context);
    writeFileSync(body, Buffer.concat([nonce, seal.update(key), seal.final(), seal.getAuthTag()]));
    const theirs = scene.job("unwrap", "sealing", { body, args: outcome as never });
    expect((await runProbe(runtime, scene.env, theirs)).outcome).toBe(true);
  });

  it.each(ONE_EACH)("do sixteen at once on %s", async (runtime) => {
    for (const object of ["envelopes", "sealing"]) {
      const said = await runProbe(runtime, scene.env, scene.job("many", object));
      expect(said).toMatchObject({ outcome: 16, live: 0 });
    }
  });

  it("that cannot do it are refused by their type, mechanism and parameters", async () => {
    for (const [more, message] of [
      [{ uri: scene.hsm.uri("lethe", "curve") }, /is of another curve; P-256/],
      [{ hash: "sha256" }, /C_EncryptInit gives CKR_ARGUMENTS_BAD: .*pass hash: "sha1"/],
    ] as const) {
      const { outcome, live } = await runProbe(
        "node-24",
        scene.env,
        scene.job("rounds", "envelopes", more),
      );
      expect(outcome).toMatchObject({
        code: "ERR_LETHE_WRAPPER",
        message: expect.stringMatching(message),
      });
      expect(live).toBe(0);
    }
  });

  it("that a permission keeps away are an error that names it", async () => {
    const [deno = "", node = ""] = ["deno", "node-24"].map((name) => COMMANDS[name]?.[0]);
    const started = [deno, "run", "--no-check", "--no-prompt", "--allow-write"];
    const own = `--allow-read=${ROOT},${scene.hsm.folder}`;
    for (const [command, message] of [
      [[...started, own], /Deno has no --allow-read=\/; let this process read it/],
      [[...started, "--allow-read"], /grant --allow-ffi without a path/],
      [[...started, "--allow-read", "--allow-ffi=/usr,libc.so.6"], /grant --allow-ffi without/],
      [[node, "--no-warnings", "--permission", "--allow-fs-read=*"], /--allow-addons/],
      [
        [node, "--no-warnings", "--permission", "--allow-addons", `--allow-fs-read=${ROOT}`].concat(
          `--allow-fs-read=${scene.hsm.folder}`,
        ),
        /cannot be read: ERR_ACCESS_DENIED; let this process read/,
      ],
    ] as const) {
      const { outcome, live } = await runProbe(
        ...([command, scene.env, scene.job("rounds", "sealing", { memory: "heap" })] as const),
      );
      expect(outcome).toMatchObject({ message: expect.stringMatching(message) });
      expect(live).toBe(0);
    }
  });

  it("FOUND-2: are refused where somebody put another public half beside them", async () => {
    scene.hsm.addKey("lethe", scene.pin, "rsa:2048", "swapped", "05");
    scene.hsm.tool("lethe", scene.pin, [
      "--delete-object",
      "--type",
      "pubkey",
      "--label",
      "swapped",
    ]);
    const file = join(scene.hsm.folder, "public.der");
    const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    writeFileSync(file, publicKey.export({ type: "spki", format: "der" }));
    const write = ["--write-object", file, "--type", "pubkey", "--label", "swapped", "--id", "05"];
    scene.hsm.tool("lethe", scene.pin, write);
    const { outcome } = await runProbe("node-24", scene.env, scene.job("rounds", "swapped"));
    expect(outcome).toMatchObject({
      message: expect.stringMatching(/is not that of its private key/),
    });
  });

  it("MODULE-2: are not shared with another thread, whose login they would share", async () => {
    const program = new URL("../../testing/features/pkcs11/worker_probe.ts", import.meta.url);
    for (const runtime of ONE_EACH) {
      const words = [...(COMMANDS[runtime] ?? []), program.pathname];
      const child = spawn("env", [
        ...scene.env,
        ...words,
        JSON.stringify(scene.job("keep", "sealing")),
      ]);
      const [line] = await once(createInterface(child.stdout), "line");
      child.kill("SIGKILL");
      expect(`${line}`).toMatch(/^CKR_CRYPTOKI_ALREADY_INITIALIZED then works$/);
    }
  });
});

onTokens(`${why}SoftHSM 2.6 in this process`, LONG, () => {
  it.each(
    ONE_EACH.flatMap((runtime) =>
      ["envelopes", "sealing"].flatMap((object) =>
        STATES.map(([does, memory]) => [runtime, object, does, memory] as const),
      ),
    ),
  )("leaves no file key and no PIN on %s: %s, %s, %s", async (runtime, object, does, memory) => {
    const left = await leftBy(runtime, scene.env, scene.job(does, object, { memory }), scene.pin);
    expect(left).toEqual({ key: 0, pin: 0, memory });
  });
});
