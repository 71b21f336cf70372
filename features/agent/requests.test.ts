import { Buffer } from "node:buffer";
import * as node from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AgentStage } from "../../testing/features/agent/agent_stage.ts";
import { AgentClient } from "../../testing/features/agent/client.ts";
import { message, text } from "../../testing/features/agent/messages.ts";
import { sshPublicBlob, sshString, u32 } from "../keys/ssh.ts";

let stage: AgentStage;

beforeAll(async () => {
  stage = await AgentStage.open({ mostKeys: 4, mostConnections: 3 });
});
afterAll(() => stage.close());
beforeEach(() => stage.reset());

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
