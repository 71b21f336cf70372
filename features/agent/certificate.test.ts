import { Buffer } from "node:buffer";
import * as node from "node:crypto";
import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AgentStage } from "../../testing/features/agent/agent_stage.ts";
import {
  Authority,
  addingCertified,
  joined,
  type Said,
} from "../../testing/features/agent/certificates.ts";
import { AgentClient } from "../../testing/features/agent/client.ts";
import { ClientKey, Host, signing } from "../../testing/features/agent/keys.ts";
import { message, text } from "../../testing/features/agent/messages.ts";
import { NO_OPENSSH, OpenSsh } from "../../testing/features/agent/openssh.ts";
import { SOAK } from "../../testing/tier.ts";
import { copyOf, sshNumber, sshString, trimmed } from "../keys/ssh.ts";

const [FAILURE, SUCCESS] = [5, 6];
let stage: AgentStage;
let openssh: OpenSsh;
let client: AgentClient;

beforeAll(async () => {
  stage = await AgentStage.open();
  openssh = new OpenSsh(stage.agent.path);
  client = await AgentClient.open(stage.agent.path);
});
afterAll(async () => {
  client.end();
  await stage.close();
  openssh.remove();
});
beforeEach(() => stage.reset());
afterEach(async () => {
  await client.ask(message(19));
});

/** Types of keys as ssh-keygen takes them, and how `ssh-add -l` shows their certificates. */
const TYPES: readonly (readonly [type: string, bits: string, shown: string])[] = [
  ["ed25519", "256", "ED25519-CERT"],
  ["rsa", "2048", "RSA-CERT"],
  ...(SOAK ? ["256", "384", "521"].map((bits) => ["ecdsa", bits, "ECDSA-CERT"] as const) : []),
];

describe.skipIf(NO_OPENSSH !== "")(
  `certificates by ssh-keygen -s, with ssh-add${NO_OPENSSH}`,
  () => {
    let authority: string;
    beforeAll(() => {
      authority = openssh.makeKey("authority", "-t", SOAK ? "ecdsa" : "ed25519");
    });

    /** A new key with a certificate for root. */
    async function certified(
      name: string,
      options: readonly string[],
      times: string = "always:forever",
    ): Promise<string> {
      const path = openssh.makeKey(name, ...options);
      const signed = ["-q", "-s", authority, "-I", name, "-n", "root", "-V", times, `${path}.pub`];
      expect(await openssh.run("ssh-keygen", signed)).toMatchObject({ status: 0 });
      return path;
    }

    it.each(TYPES)("sign, are listed and leave again: %s of %s bits", async (type, bits, shown) => {
      const path = await certified(`id_${type}_${bits}`, ["-t", type, "-b", bits]);
      expect(await openssh.run("ssh-add", ["-q", path])).toMatchObject({ status: 0 });
      const [plain, own] = stage.agent.keys();
      expect([plain?.certified, own?.certified]).toEqual([false, true]);
      expect(own).toMatchObject({ fingerprint: plain?.fingerprint, type: plain?.type });
      expect(own?.name).not.toBe(plain?.name);
      const certificate = readFileSync(`${path}-cert.pub`, "utf8").trim();
      const [listed, printed] = await Promise.all([
        openssh.run("ssh-add", ["-l"]),
        openssh.run("ssh-add", ["-L"]),
      ]);
      const line = `${bits} ${own?.fingerprint} ${own?.comment} (${shown})`;
      expect(listed.text.split("\n")).toContain(line);
      expect(printed.text.split("\n").map((line) => line.split(" ")[1])).toContain(
        certificate.split(" ")[1],
      );

      // Only the certificate is left to sign with.
      const blob = Buffer.from(readFileSync(`${path}.pub`, "utf8").split(" ")[1] ?? "", "base64");
      expect(await client.ask(message(18, ...sshString(blob)))).toBe(SUCCESS);
      const file = openssh.write("text", "what is signed\n");
      await openssh.run("rm", ["-f", `${file}.sig`]);
      const sign = ["-q", "-Y", "sign", "-n", "file", "-f", `${path}-cert.pub`, file];
      expect(await openssh.run("ssh-keygen", sign)).toMatchObject({ status: 0 });
      const key = readFileSync(`${authority}.pub`, "utf8");
      const allowed = openssh.write("allowed", `root cert-authority ${key}`);
      const verify = `ssh-keygen -Y verify -n file -I root -f ${allowed} -s ${file}.sig < ${file}`;
      expect((await openssh.run("sh", ["-c", verify])).text).toContain('Good "file" signature');
      expect(stage.uses.at(-1)).toMatchObject({ action: "sign", fingerprint: own?.fingerprint });

      await openssh.run("ssh-add", ["-d", path]);
      expect(stage.agent.keys()).toEqual([]);
      await expect.poll(() => stage.left()).toEqual([]);
    });

    it.each([
      ["ecdsa", "ecdsa-sha2-nistp256-cert-v01@openssh.com"],
      ["rsa", "ssh-rsa-cert-v01@openssh.com"],
    ])("CERT-1: are not taken with another private key: %s", async (type, name) => {
      const path = await certified(`id_other_${type}`, ["-t", type]);
      const base64 = readFileSync(`${path}-cert.pub`, "utf8").split(" ")[1] ?? "";
      const { privateKey } =
        type === "rsa"
          ? node.generateKeyPairSync("rsa", { modulusLength: 3072 })
          : node.generateKeyPairSync("ec", { namedCurve: "P-256" });
      const jwk = privateKey.export({ format: "jwk" });
      const numbers = (
        type === "rsa" ? (["d", "qi", "p", "q"] as const) : (["d"] as const)
      ).flatMap((part) => sshNumber(trimmed(copyOf(Buffer.from(jwk[part] ?? "", "base64url")))));
      const certificate = sshString(Buffer.from(base64, "base64"));
      const adding = message(17, ...text(name), ...certificate, ...numbers, ...text("me"));
      expect(await client.ask(adding)).toBe(FAILURE);
      expect(stage.outcomes()).toEqual(["add: bad key"]);
      expect(await stage.left()).toEqual([]);
    });

    it("are kept as OpenSSH's agent keeps them when their time is over: servers refuse them", async () => {
      const path = await certified("id_expired", ["-t", "ed25519"], "20200101:20200102");
      expect(await openssh.run("ssh-add", ["-q", path])).toMatchObject({ status: 0 });
      const theirs = `eval $(ssh-agent) > agent; ssh-add -q ${path}; ssh-add -L; ssh-agent -k > agent`;
      const listed = await openssh.run("sh", ["-c", theirs]);
      expect(listed.text.match(/-cert-v01/g)).toHaveLength(1);
      expect((await openssh.run("ssh-add", ["-L"])).text).toBe(listed.text);
    });

    it("are confirmed like their key (-c)", async () => {
      const path = await certified("id_confirm", ["-t", "ed25519"]);
      await openssh.run("ssh-add", ["-q", "-c", "-t", "600", path]);
      expect(await openssh.run("ssh-add", ["-T", `${path}-cert.pub`])).toMatchObject({ status: 0 });
      expect(stage.asked).toMatchObject([{ comment: "id_confirm", certified: true }]);
      for (const { confirm, expires } of stage.agent.keys()) {
        expect([confirm, typeof expires]).toEqual([true, "number"]);
      }
    });
  },
);

describe("a certificate that is wrong", () => {
  const authority = new Authority();
  const key = new ClientKey();
  const other = new ClientKey();
  const TOKEN = "sk-ssh-ed25519-cert-v01@openssh.com";
  const ECDSA = "ecdsa-sha2-nistp256-cert-v01@openssh.com";
  const flipped = (bytes: Uint8Array, at: number): Uint8Array =>
    bytes.with(at < 0 ? bytes.length + at : at, (bytes.at(at) ?? 0) ^ 1);
  const by = (said: Said): Uint8Array => addingCertified(key, authority.certify(key.blob, said));
  const right = authority.certify(key.blob);

  it("gets a failure where its like, made right, is taken", async () => {
    for (const kind of [1, 2]) expect(await client.ask(by({ kind }))).toBe(SUCCESS);
    expect(stage.agent.keys().map(({ certified }) => certified)).toEqual([true, true]);
    const signed = await client.ask(signing(authority.certify(key.blob)));
    expect(signed).toBe(FAILURE); // another certificate for the same key
    expect(stage.outcomes()).toEqual(["add: done", "add: done", "sign: no such key"]);
  });

  it.each<[string, () => Uint8Array]>([
    ["CERT-1: of another key", () => addingCertified(key, authority.certify(other.blob))],
    ["CERT-1: of another type", () => addingCertified(key, right, ECDSA)],
    ["of a type that names another one", () => by({ name: ECDSA })],
    ["of a security token", () => by({ name: TOKEN })],
    ["without the name of one", () => by({ name: "ssh-ed25519" })],
    ["that is a plain key", () => addingCertified(key, key.blob)],
    ["for neither a user nor a host", () => by({ kind: 3 })],
    ["cut", () => addingCertified(key, right.subarray(0, -1))],
    ["empty", () => addingCertified(key, new Uint8Array(0))],
    ["with more behind it", () => by({ more: Uint8Array.of(0) })],
    ["with a name of nobody", () => by({ principals: [[0, 0, 0, 9], [1]] })],
    ["with an option without a value", () => by({ options: text("force-command") })],
    ["altered", () => addingCertified(key, flipped(right, 60))],
    ["with another signature", () => addingCertified(key, flipped(right, -1))],
    ["by another authority", () => by({ authority: new Authority().blob })],
    ["by a certificate", () => by({ authority: joined([...text(TOKEN), ...text("")]) })],
    ["by nobody", () => by({ authority: new Uint8Array(0) })],
  ])("%s", async (_, make) => {
    const { live } = stage.secrets.stats;
    expect(await client.ask(make())).toBe(FAILURE);
    expect(stage.outcomes()).toEqual(["add: bad key"]);
    expect(stage.agent.keys()).toEqual([]);
    expect(await stage.left()).toEqual([]);
    expect(stage.secrets.stats.live).toBe(live);
  });

  it("is taken from an authority on a security token, whose signature is for servers to check", async () => {
    const token = joined([
      ...text("sk-ssh-ed25519@openssh.com"),
      ...text("point"),
      ...text("ssh:"),
    ]);
    expect(await client.ask(by({ authority: token }))).toBe(SUCCESS);
    expect(stage.agent.keys()).toHaveLength(1);
  });
});

describe("a certificate that the application brings", () => {
  const authority = new Authority();
  const pair = new ClientKey();
  const publicKey = pair.blob.subarray(-32);
  const line = (blob: Uint8Array, name = "ssh-ed25519-cert-v01@openssh.com"): Uint8Array =>
    Buffer.from(`${name} ${Buffer.from(blob).toString("base64")} me@host\n`);
  const add = (certificate: Uint8Array): void =>
    stage.agent.add("brought", { type: "ed25519", publicKey }, { certificate });

  it("CERT-2: is offered for its key, beside the key alone", async () => {
    const blob = authority.certify(pair.blob);
    stage.agent.add("brought", { type: "ed25519", publicKey });
    add(line(blob));
    const [plain, certified] = stage.agent.keys();
    expect([plain?.certified, certified?.certified]).toEqual([false, true]);
    expect(certified).toMatchObject({ name: "brought", fingerprint: plain?.fingerprint });
    expect(await client.ask(message(18, ...sshString(pair.blob)))).toBe(SUCCESS);
    add(line(blob).subarray(0, -"me@host\n".length - 1)); // neither comment nor end of the line
    expect(stage.agent.keys()).toHaveLength(1);
  });

  it.each<[string, string, () => Uint8Array]>([
    ["of another key", "KEY_INVALID", () => line(authority.certify(new ClientKey().blob))],
    [
      "by another authority",
      "KEY_INVALID",
      () => line(authority.certify(pair.blob, { authority: new Authority().blob })),
    ],
    ["that is the key", "KEY_FORMAT", () => line(pair.blob, "ssh-ed25519")],
    ["that is a name alone", "KEY_FORMAT", () => Buffer.from("ssh-ed25519-cert-v01@openssh.com")],
    ["cut", "KEY_DAMAGED", () => line(authority.certify(pair.blob).subarray(0, -1))],
    ["without base64", "KEY_DAMAGED", () => Buffer.from("x-cert-v01@openssh.com !!!!")],
    [
      "of a token",
      "UNSUPPORTED",
      () => line(authority.certify(pair.blob, { name: "sk-ssh-ed25519-cert-v01@openssh.com" })),
    ],
  ])("CERT-2: is refused, and nothing offered: %s", (_, code, make) => {
    expect(() => add(make())).toThrow(expect.objectContaining({ code: `ERR_LETHE_${code}` }));
    expect(stage.agent.keys()).toEqual([]);
  });

  it("is bytes, and not too long", () => {
    expect(() => add("text" as unknown as Uint8Array)).toThrow(TypeError);
    expect(() => add(new Uint8Array(16_385))).toThrow(RangeError);
  });
});

it("BIND-1: a host with a certificate binds by its key", async () => {
  const host = new Host();
  const certificate = new Authority().certify(host.blob, { kind: 2 });
  const own = await AgentClient.open(stage.agent.path);
  const key = new ClientKey();
  expect(await own.ask(key.adding)).toBe(SUCCESS);
  expect(await own.ask(host.binding("id", false, "another", certificate))).toBe(28);
  expect(await own.ask(host.binding("id", false, "id", certificate))).toBe(SUCCESS);
  expect(await own.ask(signing(key.blob))).toBe(14);
  own.end();
  expect(stage.outcomes()).toEqual(["add: done", "bind: bad binding", "bind: done", "sign: done"]);
});
