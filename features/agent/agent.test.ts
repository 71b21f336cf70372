import { Buffer } from "node:buffer";
import * as node from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  type Agent,
  type AgentKeyUse,
  type AgentUse,
  type Custodian,
  openAgent,
  openCustodian,
  openSecrets,
  parseKey,
} from "../../adapters/node/mod.ts";
import { AgentClient } from "../../testing/features/agent/client.ts";
import { message, text } from "../../testing/features/agent/messages.ts";
import { NO_OPENSSH, OpenSsh } from "../../testing/features/agent/openssh.ts";
import { SOAK } from "../../testing/tier.ts";
import { copyOf, sshPublicBlob, sshString, u32 } from "../keys/ssh.ts";

const secrets = openSecrets();
let custodian: Custodian;
let agent: Agent;
let openssh: OpenSsh;
let answer: boolean | Error = true;
let isAllowed = true;
let asked: AgentKeyUse[] = [];
let uses: AgentUse[] = [];

beforeAll(async () => {
  custodian = await openCustodian({ secrets });
  agent = await openAgent(custodian, {
    secrets,
    mostKeys: 4,
    mostConnections: 3,
    confirm(use) {
      asked.push(use);
      if (answer instanceof Error) throw answer;
      return answer;
    },
    allow: () => isAllowed,
    onUse: (use) => void uses.push(use),
  });
  openssh = new OpenSsh(agent.path);
});
afterAll(async () => {
  await agent.close();
  expect(existsSync(dirname(agent.path))).toBe(false);
  expect((await custodian.status()).secrets.filter(({ name }) => /^ssh agent/.test(name))).toEqual(
    [],
  );
  await custodian.close();
  openssh.remove();
});
beforeEach(() => {
  [answer, isAllowed, asked, uses] = [true, true, [], []];
});

const outcomes = (): string[] => uses.map(({ action, outcome }) => `${action}: ${outcome}`);

describe("the socket", () => {
  it("is this user's alone, and its folder too", () => {
    expect(statSync(agent.path).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(agent.path)).mode & 0o777).toBe(0o700);
  });

  it("is not made where others could reach it, nor over something else", async () => {
    const [open, closed] = [join(openssh.folder, "open"), join(openssh.folder, "closed")];
    for (const folder of [open, closed]) mkdirSync(folder, { mode: 0o700 });
    chmodSync(open, 0o710);
    for (const path of [join(open, "a"), join(openssh.folder, "none/a"), agent.path]) {
      await expect(openAgent(custodian, { path })).rejects.toMatchObject({
        code: "ERR_LETHE_AGENT",
      });
    }
    const other = await openAgent(custodian, { path: join(closed, "a") });
    await other.close();
    expect(existsSync(join(closed, "a"))).toBe(false);
    expect(existsSync(agent.path)).toBe(true);
  });

  const noSetpriv = process.getuid?.() !== 0 ? " (skipped: it takes root)" : "";
  it.skipIf(noSetpriv !== "")(
    `is closed to other users${noSetpriv}, if the folder is not`,
    async () => {
      expect(agent.report.peer).toBe("checked");
      chmodSync(dirname(agent.path), 0o755);
      chmodSync(agent.path, 0o666);
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
        chmodSync(agent.path, 0o600);
        chmodSync(dirname(agent.path), 0o700);
      }
    },
  );

  it("takes so many connections, and others when one of them has ended", async () => {
    const clients = await Promise.all([1, 2, 3].map(() => AgentClient.open(agent.path)));
    for (const client of clients) expect(await client.ask(message(11))).toBe(12);
    const late = await AgentClient.open(agent.path);
    expect(await late.ask(message(11))).toBe(null);
    for (const client of clients) client.end();
    await expect
      .poll(async () => {
        const client = await AgentClient.open(agent.path);
        const got = await client.ask(message(11));
        client.end();
        return got;
      })
      .toBe(12);
  });
});

describe.skipIf(NO_OPENSSH !== "")(`ssh-add and ssh-keygen${NO_OPENSSH}`, () => {
  it("add a key, sign with it, and remove it", async () => {
    const key = openssh.makeKey("id_one", "-t", "ed25519");
    expect(await openssh.run("ssh-add", [key])).toMatchObject({ status: 0 });
    const [status] = agent.keys();
    expect(status).toMatchObject({
      comment: "id_one",
      type: "ed25519",
      expires: null,
      confirm: false,
    });
    expect((await openssh.run("ssh-add", ["-l"])).text).toContain(status?.fingerprint);
    await expect(custodian.expose(status?.name ?? "", () => 0)).rejects.toMatchObject({
      code: "ERR_LETHE_POLICY",
    });

    const text = openssh.write("text", "what is signed\n");
    expect(
      await openssh.run("ssh-keygen", ["-Y", "sign", "-n", "file", "-f", `${key}.pub`, text]),
    ).toMatchObject({ status: 0 });
    const allowed = openssh.write("allowed", `me ${readFileSync(`${key}.pub`, "utf8")}`);
    const verify = `ssh-keygen -Y verify -n file -I me -f ${allowed} -s ${text}.sig < ${text}`;
    expect((await openssh.run("sh", ["-c", verify])).text).toContain('Good "file" signature');
    expect(outcomes().slice(-1)).toEqual(["sign: done"]);
    expect(uses.at(-1)).toMatchObject({ action: "sign", fingerprint: status?.fingerprint });
    expect(uses.at(-1)?.caller?.uid).toBe(process.getuid?.());

    expect(await openssh.run("ssh-add", ["-d", `${key}.pub`])).toMatchObject({ status: 0 });
    expect(agent.keys()).toEqual([]);
    await expect
      .poll(async () =>
        (await custodian.status()).secrets.some(({ name }) => name === status?.name),
      )
      .toBe(false);
  });

  it("confirm each use (-c), and only true is a yes", async () => {
    const key = openssh.makeKey("id_confirm", "-t", "ed25519");
    await openssh.run("ssh-add", ["-q", "-c", key]);
    expect((await openssh.run("ssh-add", ["-T", `${key}.pub`])).status).toBe(0);
    expect(asked).toMatchObject([{ comment: "id_confirm", type: "ed25519", bindings: [] }]);
    for (const no of [false, new Error("no"), "yes" as unknown as boolean]) {
      answer = no;
      expect((await openssh.run("ssh-add", ["-T", `${key}.pub`])).status).not.toBe(0);
    }
    isAllowed = false;
    answer = true;
    expect((await openssh.run("ssh-add", ["-T", `${key}.pub`])).status).not.toBe(0);
    expect(new Set(outcomes())).toEqual(
      new Set(["add: done", "sign: done", "sign: not confirmed", "sign: policy"]),
    );
    await openssh.run("ssh-add", ["-D"]);
    expect(agent.keys()).toEqual([]);
  });

  it("lock it with a passphrase (-x), and unlock it (-X)", async () => {
    const key = openssh.makeKey("id_locked", "-t", "ed25519");
    await openssh.run("ssh-add", ["-q", key]);
    expect((await openssh.run("ssh-add", ["-x"], "correct horse")).status).toBe(0);
    expect((await openssh.run("ssh-add", ["-l"])).text).toContain("no identities");
    for (const refused of [["-T", `${key}.pub`], [key], ["-d", `${key}.pub`], ["-D"], ["-x"]]) {
      expect((await openssh.run("ssh-add", refused, "other")).status, refused.join(" ")).not.toBe(
        0,
      );
    }
    expect((await openssh.run("ssh-add", ["-X"], "wrong horse")).status).not.toBe(0);
    expect((await openssh.run("ssh-add", ["-X"], "correct horse")).status).toBe(0);
    expect((await openssh.run("ssh-add", ["-T", `${key}.pub`])).status).toBe(0);
    expect((await openssh.run("ssh-add", ["-X"], "correct horse")).status).not.toBe(0);
    await openssh.run("ssh-add", ["-D"]);
  });

  it.skipIf(!SOAK)(
    "give a key a lifetime (-t), after which it is gone from the custodian too",
    async () => {
      const key = openssh.makeKey("id_brief", "-t", "ed25519");
      await openssh.run("ssh-add", ["-q", "-t", "1", key]);
      const [status] = agent.keys();
      expect(status?.expires).toBeGreaterThan(Date.now() - 1000);
      await expect.poll(() => agent.keys(), { timeout: 5000 }).toEqual([]);
      await expect
        .poll(async () =>
          (await custodian.status()).secrets.some(({ name }) => name === status?.name),
        )
        .toBe(false);
    },
  );
});

describe("a key of the custodian", () => {
  const blobOf = (publicKey: Uint8Array): Uint8Array =>
    sshPublicBlob("ed25519", Uint8Array.from(publicKey)) as Uint8Array;

  it("is offered, signs by its policy, and stays when it is removed here", async () => {
    const publicKey = await custodian.generate("twice", "ed25519", { uses: 2 });
    agent.add("twice", { type: "ed25519", publicKey });
    const client = await AgentClient.open(agent.path);
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
    expect(outcomes()).toEqual(["sign: done", "sign: done", "sign: policy"]);
    expect(await client.ask(message(18, ...sshString(blobOf(publicKey))))).toBe(6);
    expect(agent.keys()).toEqual([]);
    expect((await custodian.status()).secrets.map(({ name }) => name)).toContain("twice");
    client.end();
  });

  it("of RSA signs with SHA-256 and SHA-512, and with SHA-1 for nobody", async () => {
    const { privateKey, publicKey: object } = node.generateKeyPairSync("rsa", {
      modulusLength: 2048,
    });
    const pair = parseKey(secrets, copyOf(privateKey.export({ type: "pkcs8", format: "der" })));
    const { type, publicKey, secretKey } = pair;
    await custodian.put("rsa", secretKey, { type: "rsa" });
    agent.add("rsa", { type: type as "rsa", publicKey });
    const blob = sshPublicBlob("rsa", publicKey) as Uint8Array;
    const client = await AgentClient.open(agent.path);
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
    expect(outcomes()).toEqual(["sign: done", "sign: done", "sign: sha-1"]);
    expect(await client.ask(message(19))).toBe(6);
    client.end();
  });

  it("is one of as many as there may be, once each", async () => {
    const keys = Array.from({ length: 5 }, (_, index) => new Uint8Array(32).fill(index + 1));
    for (const publicKey of keys.slice(0, 4)) agent.add("any", { type: "ed25519", publicKey });
    agent.add("any", { type: "ed25519", publicKey: keys[0] as Uint8Array }, { comment: "again" });
    expect(agent.keys()).toHaveLength(4);
    const last = { type: "ed25519", publicKey: keys[4] as Uint8Array } as const;
    expect(() => agent.add("any", last)).toThrow(
      expect.objectContaining({ code: "ERR_LETHE_AGENT" }),
    );
    expect(() => agent.add("", last)).toThrow(TypeError);
    expect(() => agent.add("any", { ...last, publicKey: new Uint8Array(31) })).toThrow();
    expect(() => agent.add("any", { ...last, type: "dsa" as "rsa" })).toThrow(TypeError);
    expect(() => agent.add("any", last, { lifetimeSeconds: 0 })).toThrow(RangeError);
    const client = await AgentClient.open(agent.path);
    expect(await client.ask(message(19))).toBe(6);
    client.end();
  });
});

describe("a client", () => {
  it("gets its answers in order, however it sends its requests", async () => {
    const client = await AgentClient.open(agent.path);
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
    const client = await AgentClient.open(agent.path);
    client.send(Uint8Array.from([...bytes, 0, 0, 0, 0, 0]));
    await client.closed;
  });

  it("that leaves in the middle of a key leaves no secret behind", async () => {
    const before = secrets.stats.live;
    const client = await AgentClient.open(agent.path);
    client.send(message(17, new Array(300).fill(1)).subarray(0, 200));
    await expect.poll(() => secrets.stats.live).toBe(before + 1);
    client.end();
    await expect.poll(() => secrets.stats.live).toBe(before);
  });

  it("is refused what cannot be kept or is no key, with a reason in the log alone", async () => {
    const client = await AgentClient.open(agent.path);
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
      return uses.at(-1)?.outcome;
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
    expect(agent.keys()).toEqual([]);
    client.end();
  });

  it("proves the connection that it is used for, and only one for a login", async () => {
    const client = await AgentClient.open(agent.path);
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
    expect(outcomes()).toEqual([
      "bind: bad binding",
      "bind: done",
      "bind: done",
      "bind: done",
      "bind: bad binding",
    ]);

    const publicKey = await custodian.generate("bound", "ed25519");
    agent.add("bound", { type: "ed25519", publicKey }, { confirm: true });
    const key = sshPublicBlob("ed25519", Uint8Array.from(publicKey)) as Uint8Array;
    await client.ask(message(13, ...sshString(key), ...text("data"), u32(0)));
    const hostKey = `SHA256:${node.createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
    expect(asked.at(-1)?.bindings).toEqual([
      { hostKey, forwarding: true },
      { hostKey, forwarding: false },
    ]);
    client.end();
  });
});
