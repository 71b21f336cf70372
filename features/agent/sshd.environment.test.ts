import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Agent,
  type AgentKeyUse,
  type AgentUse,
  type Custodian,
  formatPublicKey,
  openAgent,
  openCustodian,
} from "../../adapters/node/mod.ts";
import { OpenSsh } from "../../testing/features/agent/openssh.ts";
import { NO_SSHD, Sshd } from "../../testing/features/agent/sshd.ts";
import { SOAK } from "../../testing/tier.ts";

let custodian: Custodian;
let agent: Agent;
let openssh: OpenSsh;
let server: Sshd | undefined;
let port = 0;
let asked: AgentKeyUse[] = [];
let uses: AgentUse[] = [];

describe.skipIf(!SOAK || NO_SSHD !== "")(`a login at a real sshd${NO_SSHD}`, () => {
  beforeAll(async () => {
    custodian = await openCustodian();
    agent = await openAgent(custodian, {
      allow: (use) => asked.push(use) > 0,
      onUse: (use) => void uses.push(use),
    });
    openssh = new OpenSsh(agent.path);
    const publicKey = await custodian.generate("born there", "ed25519");
    agent.add("born there", { type: "ed25519", publicKey });
    const line = Buffer.from(
      formatPublicKey({ type: "ed25519", publicKey }, { format: "openssh" }),
    );
    const others = ["ecdsa", "rsa"].map((type) => openssh.makeKey(`id_${type}`, "-t", type));
    const lines = [`${line}`, ...others.map((path) => readFileSync(`${path}.pub`, "utf8"))];
    openssh.makeKey("authority", "-t", "ed25519");
    server = await Sshd.start(openssh, lines, join(openssh.folder, "authority.pub"));
    port = server.port;
  });
  afterAll(async () => {
    server?.stop();
    await agent.close();
    await custodian.close();
    openssh.remove();
  });

  const login = (...command: readonly string[]) =>
    openssh.run("ssh", [
      ...["-F", "none", "-p", `${port}`, "-o", "StrictHostKeyChecking=no", "-o", "BatchMode=yes"],
      ...["-o", `UserKnownHostsFile=${join(openssh.folder, "known")}`, ...command],
    ]);

  it("works with a key that was never outside of the custodian, and names the host", async () => {
    [asked, uses] = [[], []];
    const { status, text } = await login("root@127.0.0.1", "echo", "inside");
    expect(text).toContain("inside");
    expect(status).toBe(0);
    const [host = ""] =
      /SHA256:\S+/.exec(
        `${spawnSync("ssh-keygen", ["-lf", join(openssh.folder, "host.pub")]).stdout}`,
      ) ?? [];
    expect(asked.at(-1)).toMatchObject({
      name: "born there",
      bindings: [{ hostKey: host, forwarding: false }],
    });
    expect(uses.map(({ action, outcome }) => `${action}: ${outcome}`)).toContain("bind: done");
  });

  it.each(["ecdsa", "rsa"])("works with a key of type %s that ssh-add brought in", async (type) => {
    const path = join(openssh.folder, `id_${type}`);
    expect((await openssh.run("ssh-add", ["-q", path])).status).toBe(0);
    const only = ["-o", "IdentitiesOnly=yes", "-i", `${path}.pub`];
    expect((await login(...only, "root@127.0.0.1", "true")).status).toBe(0);
    await openssh.run("ssh-add", ["-d", `${path}.pub`]);
  });

  it.each(["ed25519", "ecdsa", "rsa"])(
    "works with a certificate for a key of type %s, of which the server knows the authority alone",
    async (type) => {
      const path = openssh.makeKey(`certified_${type}`, "-t", type);
      const certify = (principal: string): ReturnType<typeof openssh.run> => {
        const to = ["-I", type, "-n", principal, "-V", "-1m:+10m", `${path}.pub`];
        return openssh.run("ssh-keygen", ["-q", "-s", join(openssh.folder, "authority"), ...to]);
      };
      // By the certificate alone: the server does not know the key, which the agent offers too.
      const only = ["-o", "IdentitiesOnly=yes", "-i", `${path}-cert.pub`, "root@127.0.0.1"];
      for (const [principal, status] of [
        ["nobody", 255],
        ["root", 0],
      ] as const) {
        expect((await certify(principal)).status).toBe(0);
        expect((await openssh.run("ssh-add", ["-q", path])).status).toBe(0);
        asked = [];
        expect((await login(...only, "true")).status).toBe(status);
        expect(asked.some(({ certified }) => certified)).toBe(status === 0);
        await openssh.run("ssh-add", ["-d", path]);
      }
    },
  );

  it("works with the certificate that the application brought for a key that was never outside", async () => {
    const publicKey = await custodian.generate("certified there", "ed25519");
    const key = { type: "ed25519", publicKey } as const;
    const line = formatPublicKey(key, { format: "openssh" });
    const path = openssh.write("there.pub", Buffer.from(line).toString());
    const to = ["-I", "there", "-n", "root", "-V", "-1m:+10m", path];
    const authority = join(openssh.folder, "authority");
    expect((await openssh.run("ssh-keygen", ["-q", "-s", authority, ...to])).status).toBe(0);
    const only = ["-o", "IdentitiesOnly=yes", "-i", join(openssh.folder, "there-cert.pub")];
    agent.add("certified there", key);
    expect((await login(...only, "root@127.0.0.1", "true")).status).toBe(255);
    asked = [];
    const certificate = readFileSync(join(openssh.folder, "there-cert.pub"));
    agent.add("certified there", key, { certificate });
    expect((await login(...only, "root@127.0.0.1", "true")).status).toBe(0);
    expect(asked.at(-1)).toMatchObject({ name: "certified there", certified: true });
  });

  it("tells a forwarded agent from a login", async () => {
    asked = [];
    const inner = `ssh -F none -p ${port} -o StrictHostKeyChecking=no -o UserKnownHostsFile=${join(openssh.folder, "known")} -o BatchMode=yes root@127.0.0.1 echo twice`;
    expect((await login("-A", "root@127.0.0.1", inner)).text).toContain("twice");
    const [first, second] = asked.at(-1)?.bindings ?? [];
    expect(first).toMatchObject({ forwarding: true });
    expect(second).toMatchObject({ forwarding: false });
  });

  it("fails while the agent is locked", async () => {
    await openssh.run("ssh-add", ["-x"], "horse");
    expect((await login("root@127.0.0.1", "true")).status).toBe(255);
    await openssh.run("ssh-add", ["-X"], "horse");
    expect((await login("root@127.0.0.1", "true")).status).toBe(0);
  });
});
