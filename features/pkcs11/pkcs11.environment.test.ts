/**
 * Tokens of SoftHSM from every runtime, judged by `pkcs11-tool` and OpenSSL; behind `p11-kit server`; and behind a module that fails
 * where the test says so. TPMs: tpm.environment.test.ts.
 */
import { spawn } from "node:child_process";
import { createCipheriv, createDecipheriv, publicEncrypt, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { derivedNeedle, expectNoResidue } from "../../conformance/mod.ts";
import { leftBy, STATES } from "../../testing/features/pkcs11/left_by.ts";
import type { Job } from "../../testing/features/pkcs11/probe.ts";
import { COMMANDS, runProbe, startProbe } from "../../testing/features/pkcs11/run_probe.ts";
import { noServer, TokenServer } from "../../testing/features/pkcs11/server.ts";
import { noCompiler, Shim } from "../../testing/features/pkcs11/shim.ts";
import { noSoftHsm, P11_KIT_CLIENT, SoftHsm } from "../../testing/features/pkcs11/softhsm.ts";
import { INSTALLED } from "../../testing/features/prompt/pty.ts";
import { SOAK } from "../../testing/tier.ts";

const PIN = randomBytes(15).toString("base64url");
const SEED = 7801;
const EVERY = [...INSTALLED, "node-26 by node:ffi"];
const ONE_EACH = ["node-24", "deno", "bun"];
const SHA1 = ["-m", "RSA-PKCS-OAEP", "--hash-algorithm", "SHA-1", "--mgf", "MGF1-SHA1"];
const why = noSoftHsm === null ? "" : `NOT RUN, ${noSoftHsm}: `;

let hsm: SoftHsm;
let env: readonly string[] = [];
/** As bytes: pkcs11-tool puts a known key onto the token. */
const aes = randomBytes(32);

function job(does: Job["does"], object: string, more: Partial<Job> = {}): Job {
  return {
    ...{ memory: "pages", does, uri: hsm.uri("lethe", object), pin: join(hsm.folder, "pin") },
    ...{ hash: "sha1", seed: SEED, ...more },
  };
}

beforeAll(() => {
  if (noSoftHsm !== null || !SOAK) return;
  hsm = new SoftHsm();
  hsm.addToken("lethe", PIN);
  hsm.addKey("lethe", PIN, "rsa:2048", "envelopes", "01");
  hsm.addKey("lethe", PIN, "rsa:2048", "others", "02");
  const file = join(hsm.folder, "aes");
  writeFileSync(file, aes, { mode: 0o600 });
  const words = ["--write-object", file, "--type", "secrkey", "--key-type", "AES:32"];
  hsm.tool("lethe", PIN, [...words, "--label", "sealing", "--id", "03", "--usage-decrypt"]);
  hsm.addKey("lethe", PIN, "EC:prime256v1", "curve", "04");
  writeFileSync(join(hsm.folder, "pin"), PIN, { mode: 0o600 });
  env = [`SOFTHSM2_CONF=${hsm.env["SOFTHSM2_CONF"]}`];
});
afterAll(() => hsm?.stop());

const onTokens = describe.skipIf(noSoftHsm !== null || !SOAK);
const LONG = { timeout: 300_000 };

onTokens(`${why}keys of a token`, LONG, () => {
  it.each(EVERY)("follow the rules of wrappers on %s: RSA, AES", async (runtime) => {
    for (const [object, other] of [
      ["envelopes", "others"],
      ["sealing", "envelopes"],
    ] as const) {
      const conform = job("conform", object, { other: hsm.uri("lethe", other) });
      const said = await runProbe(runtime, env, conform);
      expect(said).toMatchObject({ outcome: [], live: 0, memory: "pages" });
    }
  });

  it.each(EVERY)("are those of pkcs11-tool and OpenSSL, both ways, on %s", async (runtime) => {
    const body = join(hsm.folder, `body-${runtime}`);
    const key = Buffer.from(derivedNeedle(SEED, 16).bytes);
    const rsa = await runProbe(runtime, env, job("wrap", "envelopes", { body }));
    const name = ["--id", "01"]; // by a label pkcs11-tool 0.23 takes any private key to decrypt
    expect(hsm.decrypt("lethe", PIN, readFileSync(body), [...SHA1, ...name])).toEqual(key);
    const read = ["--read-object", "--type", "pubkey", ...name, "--output-file", `${body}.der`];
    hsm.tool("lethe", PIN, read);
    const der = { key: readFileSync(`${body}.der`), format: "der", type: "spki" } as const;
    writeFileSync(body, publicEncrypt({ ...der, oaepHash: "sha1" } as never, key));
    const args = rsa.outcome as never;
    const unwrap = job("unwrap", "envelopes", { body, args });
    expect((await runProbe(runtime, env, unwrap)).outcome).toBe(true);

    const { outcome } = await runProbe(runtime, env, job("wrap", "sealing", { body }));
    const sealed = readFileSync(body);
    const [nonce, context] = [sealed.subarray(0, 12), Buffer.from("lethe/pkcs11 aes-gcm")];
    const open = createDecipheriv("aes-256-gcm", aes, nonce).setAAD(context);
    open.setAuthTag(sealed.subarray(-16));
    expect(Buffer.concat([open.update(sealed.subarray(12, -16)), open.final()])).toEqual(key);
    const seal = createCipheriv("aes-256-gcm", aes, nonce).setAAD(context);
    writeFileSync(body, Buffer.concat([nonce, seal.update(key), seal.final(), seal.getAuthTag()]));
    const theirs = job("unwrap", "sealing", { body, args: outcome as never });
    expect((await runProbe(runtime, env, theirs)).outcome).toBe(true);
  });

  it.each(ONE_EACH)("do sixteen at once on %s", async (runtime) => {
    for (const object of ["envelopes", "sealing"]) {
      const said = await runProbe(runtime, env, job("many", object));
      expect(said).toMatchObject({ outcome: 16, live: 0 });
    }
  });

  it("that cannot do it are refused by their type, mechanism and parameters", async () => {
    for (const [more, message] of [
      [{ uri: hsm.uri("lethe", "curve") }, /is no RSA key/],
      [{ hash: "sha256" }, /C_EncryptInit gives CKR_ARGUMENTS_BAD: .*pass hash: "sha1"/],
    ] as const) {
      const { outcome, live } = await runProbe("node-24", env, job("rounds", "envelopes", more));
      expect(outcome).toMatchObject({
        code: "ERR_LETHE_WRAPPER",
        message: expect.stringMatching(message),
      });
      expect(live).toBe(0);
    }
  });

  it("FOUND-2: are refused where somebody put another public half beside them", async () => {
    const { generateKeyPairSync } = await import("node:crypto");
    hsm.addKey("lethe", PIN, "rsa:2048", "swapped", "05");
    hsm.tool("lethe", PIN, ["--delete-object", "--type", "pubkey", "--label", "swapped"]);
    const file = join(hsm.folder, "public.der");
    const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    writeFileSync(file, publicKey.export({ type: "spki", format: "der" }));
    const write = ["--write-object", file, "--type", "pubkey", "--label", "swapped", "--id", "05"];
    hsm.tool("lethe", PIN, write);
    const { outcome } = await runProbe("node-24", env, job("rounds", "swapped"));
    expect(outcome).toMatchObject({
      message: expect.stringMatching(/is not that of its private key/),
    });
  });

  it("MODULE-2: are not shared with another thread, whose login they would share", async () => {
    const program = new URL("../../testing/features/pkcs11/worker_probe.ts", import.meta.url);
    for (const runtime of ONE_EACH) {
      const words = [...(COMMANDS[runtime] ?? []), program.pathname];
      const child = spawn("env", [...env, ...words, JSON.stringify(job("keep", "sealing"))]);
      const [line] = await once(createInterface(child.stdout), "line");
      child.kill("SIGKILL");
      expect(`${line}`).toMatch(/^CKR_CRYPTOKI_ALREADY_INITIALIZED then works$/);
    }
  });
});

const behindShim = describe.skipIf(noSoftHsm !== null || noCompiler() !== null || !SOAK);
const noShim = noCompiler() === null ? why : `NOT RUN, ${noCompiler()}: `;

behindShim(`${noShim}a module that fails`, LONG, () => {
  let shim: Shim;
  beforeAll(() => {
    shim = new Shim(hsm);
  });
  beforeEach(() => shim.clear());
  const at = (): Partial<Job> => ({ uri: hsm.uri("lethe", "envelopes", "", shim.path) });

  it.each(ONE_EACH)("and gives its function list alone, is used on %s", async (runtime) => {
    const said = await runProbe(runtime, [...env, ...shim.env()], job("rounds", "", at()));
    expect(said).toMatchObject({ outcome: "ok", live: 0 });
    const by = await runProbe(
      "node-26 by node:ffi",
      [...env, ...shim.env()],
      job("rounds", "", at()),
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
      const said = await runProbe("node-24", [...env, ...shim.env()], job("rounds", "", at()));
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
    writeFileSync(join(hsm.folder, "wrong"), "a-wrong-pin", { mode: 0o600 });
    const tries = {
      ...job("rounds", "", at()),
      pins: ["wrong", "wrong", "wrong", "pin", "wrong!", "pin"].map((name) =>
        name.endsWith("!") ? `${join(hsm.folder, name.slice(0, -1))}!` : join(hsm.folder, name),
      ),
    };
    const said = await runProbe("node-24", [...env, ...shim.env()], tries as Job);
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
    const once = job("rounds", "", { ...at(), fault: shim.fault });
    const { outcome, live } = await runProbe("node-24", [...env, ...shim.env()], once);
    expect(outcome).toEqual(Array(3).fill("CKR_PIN_INCORRECT"));
    expect(live).toBe(0);
    expect(shim.counts()["C_Login"]).toBe(2);
  });

  it.each(ONE_EACH)(
    "LOGIN-2: on %s no byte of PIN or file key is left by Lethe",
    async (runtime) => {
      const pin = randomBytes(15).toString("base64url");
      writeFileSync(join(hsm.folder, "needle"), pin, { mode: 0o600 });
      const given = { ...at(), pin: join(hsm.folder, "needle"), rounds: 20 };
      const target = await startProbe(
        ...([runtime, [...env, ...shim.env(PIN)], job("rounds", "", given)] as const),
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

onTokens(`${why}SoftHSM 2.6 in this process`, LONG, () => {
  it.each(
    ONE_EACH.flatMap((runtime) =>
      ["envelopes", "sealing"].flatMap((object) =>
        STATES.map(([does, memory]) => [runtime, object, does, memory] as const),
      ),
    ),
  )("leaves no file key and no PIN on %s: %s, %s, %s", async (runtime, object, does, memory) => {
    const left = await leftBy(runtime, env, job(does, object, { memory }), PIN);
    expect(left).toEqual({ key: 0, pin: 0, memory });
  });
});

const behindServer = describe.skipIf(noSoftHsm !== null || noServer !== null || !SOAK);

behindServer(
  `${noServer === null ? why : `NOT RUN, ${noServer}: `}behind p11-kit server`,
  LONG,
  () => {
    let server: TokenServer;
    beforeAll(async () => {
      server = new TokenServer(hsm);
      await server.start("lethe");
    });
    afterAll(async () => await server?.kill());
    const remote = (object: string): string => hsm.uri("lethe", object, "", P11_KIT_CLIENT);

    it.each(EVERY.filter((name) => name !== "node-26 by node:ffi"))(
      "keys follow the rules of wrappers on %s",
      async (runtime) => {
        const conform = { uri: remote("envelopes"), other: remote("others") };
        const said = await runProbe(runtime, server.env, job("conform", "", conform));
        expect(said).toMatchObject({ outcome: [], live: 0 });
      },
    );

    it.each(ONE_EACH)(
      "a kill in the middle of calls is an error on %s, and it works again",
      async (runtime) => {
        const words = [...(COMMANDS[runtime] ?? [])];
        const program = new URL("../../testing/features/pkcs11/probe.ts", import.meta.url).pathname;
        const until = JSON.stringify(job("until", "", { uri: remote("envelopes") }));
        const child = spawn("env", [...server.env, ...words, program, until]);
        const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
        expect((await lines.next()).value).toBe("started");
        await new Promise((resolve) => setTimeout(resolve, 700));
        await server.kill();
        await server.start("lethe");
        const { value } = await lines.next();
        child.stdin.end();
        await once(child, "close");
        const said = JSON.parse(/^ready \d+ (.*)$/.exec(`${value}`)?.[1] ?? "{}");
        expect(said).toMatchObject({
          outcome: { failure: { code: "ERR_LETHE_WRAPPER" }, after: "works again" },
          live: 0,
        });
      },
    );

    it.each(
      ONE_EACH.flatMap((runtime) =>
        STATES.map(([does, memory]) => [runtime, does, memory] as const),
      ),
    )("the client leaves no file key and no PIN on %s: %s, %s", async (runtime, does, memory) => {
      const given = job(does, "", { uri: remote("envelopes"), memory });
      expect(await leftBy(runtime, server.env, given, PIN)).toEqual({ key: 0, pin: 0, memory });
    });

    it("a mechanism that it does not hand on is said to be not offered", async () => {
      const { outcome } = await runProbe(
        ...(["node-24", server.env, job("rounds", "", { uri: remote("sealing") })] as const),
      );
      expect(outcome).toMatchObject({ returnValue: "CKR_MECHANISM_INVALID" });
    });

    it("no server is an error", async () => {
      await server.kill();
      rmSync(server.socket, { force: true });
      const { outcome, live } = await runProbe(
        ...(["node-24", server.env, job("rounds", "", { uri: remote("sealing") })] as const),
      );
      expect(outcome).toMatchObject({ code: "ERR_LETHE_WRAPPER" });
      expect(live).toBe(0);
    });
  },
);
