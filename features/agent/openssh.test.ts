import { readFileSync } from "node:fs";
import process from "node:process";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AgentStage } from "../../testing/features/agent/agent_stage.ts";
import { NO_OPENSSH, OpenSsh } from "../../testing/features/agent/openssh.ts";
import { SOAK } from "../../testing/tier.ts";

let stage: AgentStage;
let openssh: OpenSsh;

beforeAll(async () => {
  stage = await AgentStage.open();
  openssh = new OpenSsh(stage.agent.path);
});
afterAll(async () => {
  await stage.close();
  openssh.remove();
});
beforeEach(() => stage.reset());

describe.skipIf(NO_OPENSSH !== "")(`ssh-add and ssh-keygen${NO_OPENSSH}`, () => {
  it("add a key, sign with it, and remove it", async () => {
    const key = openssh.makeKey("id_one", "-t", "ed25519");
    expect(await openssh.run("ssh-add", [key])).toMatchObject({ status: 0 });
    const [status] = stage.agent.keys();
    expect(status).toMatchObject({
      comment: "id_one",
      type: "ed25519",
      expires: null,
      confirm: false,
    });
    expect((await openssh.run("ssh-add", ["-l"])).text).toContain(status?.fingerprint);
    await expect(stage.custodian.expose(status?.name ?? "", () => 0)).rejects.toMatchObject({
      code: "ERR_LETHE_POLICY",
    });

    const text = openssh.write("text", "what is signed\n");
    expect(
      await openssh.run("ssh-keygen", ["-Y", "sign", "-n", "file", "-f", `${key}.pub`, text]),
    ).toMatchObject({ status: 0 });
    const allowed = openssh.write("allowed", `me ${readFileSync(`${key}.pub`, "utf8")}`);
    const verify = `ssh-keygen -Y verify -n file -I me -f ${allowed} -s ${text}.sig < ${text}`;
    expect((await openssh.run("sh", ["-c", verify])).text).toContain('Good "file" signature');
    expect(stage.outcomes().slice(-1)).toEqual(["sign: done"]);
    expect(stage.uses.at(-1)).toMatchObject({ action: "sign", fingerprint: status?.fingerprint });
    expect(stage.uses.at(-1)?.caller?.uid).toBe(process.getuid?.());

    expect(await openssh.run("ssh-add", ["-d", `${key}.pub`])).toMatchObject({ status: 0 });
    expect(stage.agent.keys()).toEqual([]);
    await expect
      .poll(async () =>
        (await stage.custodian.status()).secrets.some(({ name }) => name === status?.name),
      )
      .toBe(false);
  });

  it("confirm each use (-c), and only true is a yes", async () => {
    const key = openssh.makeKey("id_confirm", "-t", "ed25519");
    await openssh.run("ssh-add", ["-q", "-c", key]);
    expect((await openssh.run("ssh-add", ["-T", `${key}.pub`])).status).toBe(0);
    expect(stage.asked).toMatchObject([{ comment: "id_confirm", type: "ed25519", bindings: [] }]);
    for (const no of [false, new Error("no"), "yes" as unknown as boolean]) {
      stage.answer = no;
      expect((await openssh.run("ssh-add", ["-T", `${key}.pub`])).status).not.toBe(0);
    }
    stage.isAllowed = false;
    stage.answer = true;
    expect((await openssh.run("ssh-add", ["-T", `${key}.pub`])).status).not.toBe(0);
    expect(new Set(stage.outcomes())).toEqual(
      new Set(["add: done", "sign: done", "sign: not confirmed", "sign: policy"]),
    );
    await openssh.run("ssh-add", ["-D"]);
    expect(stage.agent.keys()).toEqual([]);
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
      const [status] = stage.agent.keys();
      expect(status?.expires).toBeGreaterThan(Date.now() - 1000);
      await expect.poll(() => stage.agent.keys(), { timeout: 5000 }).toEqual([]);
      await expect
        .poll(async () =>
          (await stage.custodian.status()).secrets.some(({ name }) => name === status?.name),
        )
        .toBe(false);
    },
  );
});
