import { Buffer } from "node:buffer";
import * as node from "node:crypto";
import { chmodSync, existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openAgent, parseKey } from "../../adapters/node/mod.ts";
import { AgentStage } from "../../testing/features/agent/agent_stage.ts";
import { AgentClient } from "../../testing/features/agent/client.ts";
import { message, text } from "../../testing/features/agent/messages.ts";
import { OpenSsh } from "../../testing/features/agent/openssh.ts";
import { copyOf, sshPublicBlob, sshString, u32 } from "../keys/ssh.ts";

let stage: AgentStage;
let openssh: OpenSsh;

beforeAll(async () => {
  stage = await AgentStage.open({ mostKeys: 4, mostConnections: 3 });
  openssh = new OpenSsh(stage.agent.path);
});
afterAll(async () => {
  await stage.close();
  openssh.remove();
});
beforeEach(() => stage.reset());

describe("the socket", () => {
  it("is this user's alone, and its folder too", () => {
    expect(statSync(stage.agent.path).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(stage.agent.path)).mode & 0o777).toBe(0o700);
  });

  it("is not made where others could reach it, nor over something else", async () => {
    const [open, closed] = [join(openssh.folder, "open"), join(openssh.folder, "closed")];
    for (const folder of [open, closed]) mkdirSync(folder, { mode: 0o700 });
    chmodSync(open, 0o710);
    for (const path of [join(open, "a"), join(openssh.folder, "none/a"), stage.agent.path]) {
      await expect(openAgent(stage.custodian, { path })).rejects.toMatchObject({
        code: "ERR_LETHE_AGENT",
      });
    }
    const other = await openAgent(stage.custodian, { path: join(closed, "a") });
    await other.close();
    expect(existsSync(join(closed, "a"))).toBe(false);
    expect(existsSync(stage.agent.path)).toBe(true);
  });

  const noSetpriv = process.getuid?.() !== 0 ? " (skipped: it takes root)" : "";
  it.skipIf(noSetpriv !== "")(
    `is closed to other users${noSetpriv}, if the folder is not`,
    async () => {
      expect(stage.agent.report.peer).toBe("checked");
      chmodSync(dirname(stage.agent.path), 0o755);
      chmodSync(stage.agent.path, 0o666);
      try {
        const other = await openssh.run("setpriv", [
          "--reuid",
          "65534",
          "--clear-groups",
          "ssh-add",
          "-l",
        ]);
        // It is cut off: an error, or SIGPIPE when it writes too late.
        expect(other.status).not.toBe(0);
        expect(other.text).not.toContain("no identities");
        expect((await openssh.run("ssh-add", ["-l"])).text).toContain("no identities");
      } finally {
        chmodSync(stage.agent.path, 0o600);
        chmodSync(dirname(stage.agent.path), 0o700);
      }
    },
  );

  it("takes so many connections, and one more in the place of the one that is idle for longest", async () => {
    const clients = await Promise.all([1, 2, 3].map(() => AgentClient.open(stage.agent.path)));
    for (const client of clients) expect(await client.ask(message(11))).toBe(12);
    const [first, second, third] = clients as [AgentClient, AgentClient, AgentClient];
    expect(await first.ask(message(11))).toBe(12);
    const late = await AgentClient.open(stage.agent.path);
    expect(await late.ask(message(11))).toBe(12);
    await second.closed;
    for (const client of [first, third, late]) {
      expect(await client.ask(message(11))).toBe(12);
      client.end();
    }
  });
});

describe("a key of the custodian", () => {
  const blobOf = (publicKey: Uint8Array): Uint8Array =>
    sshPublicBlob("ed25519", Uint8Array.from(publicKey)) as Uint8Array;

  it("is offered, and signs by its policy", async () => {
    const publicKey = await stage.custodian.generate("twice", "ed25519", { uses: 2 });
    stage.agent.add("twice", { type: "ed25519", publicKey });
    const client = await AgentClient.open(stage.agent.path);
    const sign = message(13, ...sshString(blobOf(publicKey)), ...text("data"), u32(0));
    client.send(sign);
    const signature = (await client.answer())?.subarray(-64) as Buffer;
    const key = node.createPublicKey({
      key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(publicKey).toString("base64url") },
      format: "jwk",
    });
    expect(node.verify(null, Buffer.from("data"), key, signature)).toBe(true);
    expect(await client.ask(sign)).toBe(14);
    expect(await client.ask(sign)).toBe(5);
    expect(stage.outcomes()).toEqual(["sign: done", "sign: done", "sign: policy"]);
    expect(await client.ask(message(18, ...sshString(blobOf(publicKey))))).toBe(6);
    expect(stage.agent.keys()).toEqual([]);
    client.end();
  });

  it("stays in the custodian when it is removed here", async () => {
    const publicKey = await stage.custodian.generate("stays", "ed25519");
    stage.agent.add("stays", { type: "ed25519", publicKey });
    const client = await AgentClient.open(stage.agent.path);
    expect(await client.ask(message(18, ...sshString(blobOf(publicKey))))).toBe(6);
    expect(stage.agent.keys()).toEqual([]);
    expect((await stage.custodian.status()).secrets.map(({ name }) => name)).toContain("stays");
    client.end();
  });

  it("of RSA signs with SHA-256 and SHA-512, and with SHA-1 for nobody", async () => {
    const { privateKey, publicKey: object } = node.generateKeyPairSync("rsa", {
      modulusLength: 2048,
    });
    const pair = parseKey(
      stage.secrets,
      copyOf(privateKey.export({ type: "pkcs8", format: "der" })),
    );
    const { type, publicKey, secretKey } = pair;
    await stage.custodian.put("rsa", secretKey, { type: "rsa" });
    stage.agent.add("rsa", { type: type as "rsa", publicKey });
    const blob = sshPublicBlob("rsa", publicKey) as Uint8Array;
    const client = await AgentClient.open(stage.agent.path);
    const sign = (flags: number) => message(13, ...sshString(blob), ...text("data"), u32(flags));
    for (const [flags, hash] of [
      [2, "sha256"],
      [4, "sha512"],
    ] as const) {
      client.send(sign(flags));
      const signature = (await client.answer())?.subarray(-256) as Buffer;
      expect(node.verify(hash, Buffer.from("data"), object, signature)).toBe(true);
    }
    expect(await client.ask(sign(0))).toBe(5);
    expect(stage.outcomes()).toEqual(["sign: done", "sign: done", "sign: sha-1"]);
    expect(await client.ask(message(19))).toBe(6);
    client.end();
  });

  it("is one of as many as there may be, once each", async () => {
    const keys = Array.from({ length: 5 }, (_, index) => new Uint8Array(32).fill(index + 1));
    for (const publicKey of keys.slice(0, 4))
      stage.agent.add("any", { type: "ed25519", publicKey });
    stage.agent.add(
      "any",
      { type: "ed25519", publicKey: keys[0] as Uint8Array },
      { comment: "again" },
    );
    expect(stage.agent.keys()).toHaveLength(4);
    const last = { type: "ed25519", publicKey: keys[4] as Uint8Array } as const;
    expect(() => stage.agent.add("any", last)).toThrow(
      expect.objectContaining({ code: "ERR_LETHE_AGENT" }),
    );
    expect(() => stage.agent.add("", last)).toThrow(TypeError);
    expect(() => stage.agent.add("any", { ...last, publicKey: new Uint8Array(31) })).toThrow();
    expect(() => stage.agent.add("any", { ...last, type: "dsa" as "rsa" })).toThrow(TypeError);
    expect(() => stage.agent.add("any", last, { lifetimeSeconds: 0 })).toThrow(RangeError);
    const client = await AgentClient.open(stage.agent.path);
    expect(await client.ask(message(19))).toBe(6);
    client.end();
  });
});
