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

  it("is offered, signs by its policy, and stays when it is removed here", async () => {
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
    expect((await stage.custodian.status()).secrets.map(({ name }) => name)).toContain("twice");
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

describe("a client", () => {
  it("gets its answers in order, however it sends its requests", async () => {
    const client = await AgentClient.open(stage.agent.path);
    const requests = [
      message(11),
      message(200, [1, 2]),
      message(27, ...text("query")),
      message(20, ...text("PIN")),
    ];
    client.send(Buffer.concat([...requests, ...requests]));
    const got = [];
    for (let index = 0; index < 8; index++) got.push((await client.answer())?.[0]);
    expect(got).toEqual([12, 5, 29, 5, 12, 5, 29, 5]);
    for (const byte of message(11)) client.send(Uint8Array.of(byte));
    expect((await client.answer())?.[0]).toBe(12);
    client.end();
  });

  it.each([
    ["an empty frame", u32(0)],
    ["a frame that is too long", [...u32(0x7fff_ffff), 13]],
    ["a private key that is too long", [...u32(20_000), 17]],
  ])("that sends %s is sent away", async (_, bytes) => {
    const client = await AgentClient.open(stage.agent.path);
    client.send(Uint8Array.from([...bytes, 0, 0, 0, 0, 0]));
    await client.closed;
  });

  it("that leaves in the middle of a key leaves no secret behind", async () => {
    const before = stage.secrets.stats.live;
    const client = await AgentClient.open(stage.agent.path);
    client.send(message(17, new Array(300).fill(1)).subarray(0, 200));
    await expect.poll(() => stage.secrets.stats.live).toBe(before + 1);
    client.end();
    await expect.poll(() => stage.secrets.stats.live).toBe(before);
  });

  it("gets a failure when its request cannot be noted", async () => {
    stage.fault = new Error("the disk is full");
    const client = await AgentClient.open(stage.agent.path);
    expect(await client.ask(message(11))).toBe(5);
    stage.reset();
    expect(await client.ask(message(11))).toBe(12);
    client.end();
  });

  it("is refused what cannot be kept or is not a key, with a reason in the log alone", async () => {
    const client = await AgentClient.open(stage.agent.path);
    const { privateKey } = node.generateKeyPairSync("ed25519");
    const { d = "", x = "" } = privateKey.export({ format: "jwk" });
    const [seed, point] = [d, x].map((part) => Buffer.from(part, "base64url")) as [Buffer, Buffer];
    const key = (pair: Buffer) => [
      ...text("ssh-ed25519"),
      ...sshString(point),
      ...sshString(pair),
      ...text("me"),
    ];
    const whole = key(Buffer.concat([seed, point]));
    const ask = async (type: number, ...pieces: readonly (Uint8Array | readonly number[])[]) => {
      expect(await client.ask(message(type, ...pieces))).toBe(5);
      return stage.uses.at(-1)?.outcome;
    };
    expect(await ask(25, ...whole, [255], ...text("restrict-destination-v00@openssh.com"))).toBe(
      "unsupported",
    );
    expect(await ask(25, ...whole, [3, 0, 0, 0, 9])).toBe("unsupported");
    expect(await ask(25, ...whole, [1, 0, 0, 0, 0])).toBe("unsupported");
    expect(await ask(25, ...whole, [1, 0])).toBe("malformed");
    expect(await ask(17, ...whole, [0])).toBe("malformed");
    expect(await ask(17, ...key(Buffer.concat([seed, seed])))).toBe("bad key");
    expect(await ask(17, ...text("ssh-dss"), ...text("p"))).toBe("bad key");
    expect(await ask(22, ...text(""))).toBe("wrong passphrase");
    expect(await ask(22)).toBe("malformed");
    expect(stage.agent.keys()).toEqual([]);
    client.end();
  });

  it("proves the connection that it is used for, and only one for a login", async () => {
    const client = await AgentClient.open(stage.agent.path);
    const host = node.generateKeyPairSync("ec", { namedCurve: "P-256" });
    const { x = "", y = "" } = host.publicKey.export({ format: "jwk" });
    const point = Uint8Array.from([
      4,
      ...Buffer.from(x, "base64url"),
      ...Buffer.from(y, "base64url"),
    ]);
    const blob = sshPublicBlob("p256", point) as Uint8Array;
    const bind = (id: string, forwarding: number, signed: string = id) => {
      const fixed = node.sign("sha256", Buffer.from(signed), {
        key: host.privateKey,
        dsaEncoding: "ieee-p1363",
      });
      const numbers = [fixed.subarray(0, 32), fixed.subarray(32)].flatMap((part) =>
        sshString(Buffer.concat([Buffer.from([0]), part])),
      );
      // A leading zero is right for a number whose first bit is set alone.
      const minimal = numbers.every(
        (piece, index) => index % 2 === 0 || (piece[1] as number) >= 0x80,
      );
      if (!minimal) return null;
      const signature = [
        ...text("ecdsa-sha2-nistp256"),
        ...sshString(Buffer.concat(numbers.map((piece) => Buffer.from(piece)))),
      ];
      return message(
        27,
        ...text("session-bind@openssh.com"),
        ...sshString(blob),
        ...text(id),
        ...sshString(Buffer.concat(signature.map((piece) => Buffer.from(piece)))),
        [forwarding],
      );
    };
    const make = (...parameters: Parameters<typeof bind>): Uint8Array => {
      for (;;) {
        const made = bind(...parameters);
        if (made !== null) return made;
      }
    };
    expect(await client.ask(make("first", 1, "other"))).toBe(28);
    expect(await client.ask(make("first", 1))).toBe(6);
    expect(await client.ask(make("first", 1))).toBe(6);
    expect(await client.ask(make("login", 0))).toBe(6);
    expect(await client.ask(make("third", 0))).toBe(28);
    expect(stage.outcomes()).toEqual([
      "bind: bad binding",
      "bind: done",
      "bind: done",
      "bind: done",
      "bind: bad binding",
    ]);

    const publicKey = await stage.custodian.generate("bound", "ed25519");
    stage.agent.add("bound", { type: "ed25519", publicKey }, { confirm: true });
    const key = sshPublicBlob("ed25519", Uint8Array.from(publicKey)) as Uint8Array;
    await client.ask(message(13, ...sshString(key), ...text("data"), u32(0)));
    const hostKey = `SHA256:${node.createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
    expect(stage.asked.at(-1)?.bindings).toEqual([
      { hostKey, forwarding: true },
      { hostKey, forwarding: false },
    ]);
    client.end();
  });
});
