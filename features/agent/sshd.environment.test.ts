import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import process from "node:process";
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
import { NO_OPENSSH, OpenSsh } from "../../testing/features/agent/openssh.ts";
import { SOAK } from "../../testing/tier.ts";

const SSHD = "/usr/sbin/sshd";
const MISSING =
  NO_OPENSSH !== "" || !existsSync(SSHD)
    ? " (skipped: there is no sshd)"
    : process.getuid?.() === 0
      ? ""
      : " (skipped: a login takes root)";

let custodian: Custodian;
let agent: Agent;
let openssh: OpenSsh;
let server: ReturnType<typeof spawn> | undefined;
let port = 0;
let asked: AgentKeyUse[] = [];
let uses: AgentUse[] = [];

describe.skipIf(!SOAK || MISSING !== "")(`a login at a real sshd${MISSING}`, () => {
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
    const keys = openssh.write("authorized_keys", lines.join(""));
    const host = openssh.makeKey("host", "-t", "ecdsa");
    port = await freePort();
    mkdirSync("/run/sshd", { recursive: true });
    const settings = [
      `Port ${port}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${host}`,
      `AuthorizedKeysFile ${keys}`,
      `PidFile ${join(openssh.folder, "pid")}`,
      "StrictModes no",
      "PermitRootLogin yes",
      "PasswordAuthentication no",
      "KbdInteractiveAuthentication no",
      "UsePAM no",
    ];
    const file = openssh.write("sshd_config", `${settings.join("\n")}\n`);
    server = spawn(SSHD, ["-D", "-e", "-f", file], { stdio: "ignore" });
    for (let tries = 0; tries < 100; tries++) {
      if (spawnSync("ssh-keyscan", ["-p", `${port}`, "127.0.0.1"]).stdout.length > 0) return;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new Error("sshd did not start");
  });
  afterAll(async () => {
    server?.kill("SIGTERM");
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

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const found = typeof address === "object" ? (address?.port ?? 0) : 0;
      probe.close(() => resolve(found));
    });
  });
}
