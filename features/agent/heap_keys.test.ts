import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type Custodian, openCustodian } from "../../adapters/node/mod.ts";
import { AgentStage } from "../../testing/features/agent/agent_stage.ts";
import { AgentClient } from "../../testing/features/agent/client.ts";
import { ClientKey, signing } from "../../testing/features/agent/keys.ts";
import { message } from "../../testing/features/agent/messages.ts";
import { NO_OPENSSH, OpenSsh } from "../../testing/features/agent/openssh.ts";
import { SOAK } from "../../testing/tier.ts";

const HEAP = { keyPlace: "secure heap" } as const;
let custodian: Custodian | undefined;
let stage: AgentStage | undefined;
afterEach(async () => {
  await (stage ?? custodian)?.close();
  [stage, custodian] = [undefined, undefined];
});

async function used(): Promise<number> {
  return (await custodian?.status())?.secureHeap.used ?? 0;
}

async function open(secureHeapBytes: number): Promise<AgentStage> {
  custodian = await openCustodian({ secureHeapBytes });
  stage = await AgentStage.over(custodian, HEAP);
  return stage;
}

describe("an agent whose keys are in the secure heap", () => {
  it("keeps there what clients add, signs with it, and gives it back", async () => {
    const { agent } = await open(32_768);
    const before = await used();
    const client = await AgentClient.open(agent.path);
    const key = new ClientKey();
    expect(await client.ask(key.adding)).toBe(6);
    expect((await custodian?.status())?.secrets[0]).toMatchObject({ place: "secure heap" });
    expect(await used()).toBe(before + 32);
    expect(await client.ask(signing(key.blob))).toBe(14);
    expect(await client.ask(message(19))).toBe(6);
    await expect.poll(() => used()).toBe(before);
    client.end();
  });

  it.skipIf(!SOAK || NO_OPENSSH !== "")(
    `signs for ssh-add by ECDSA and RSA, and refuses a key for which there is no room${NO_OPENSSH}`,
    async () => {
      const own = await open(4096);
      const { agent } = own;
      const openssh = new OpenSsh(agent.path);
      try {
        for (const [type, bits] of [
          ["ecdsa", "256"],
          ["rsa", "2048"],
        ] as const) {
          const path = openssh.makeKey(type, "-t", type, "-b", bits);
          expect(await openssh.run("ssh-add", ["-q", path])).toMatchObject({ status: 0 });
          const text = openssh.write(`of_${type}`, "what is signed");
          const sign = ["-q", "-Y", "sign", "-n", "file", "-f", `${path}.pub`, text];
          expect(await openssh.run("ssh-keygen", sign)).toMatchObject({ status: 0 });
          const check = `ssh-keygen -Y check-novalidate -n file -s ${text}.sig < ${text}`;
          expect((await openssh.run("sh", ["-c", check])).text).toContain('Good "file" signature');
        }
        const large = openssh.makeKey("large", "-t", "rsa", "-b", "4096");
        const more = openssh.makeKey("more", "-t", "rsa", "-b", "4096");
        await openssh.run("ssh-add", ["-q", large]);
        expect((await openssh.run("ssh-add", ["-q", more])).status).not.toBe(0);
        expect(own.outcomes().at(-1)).toBe("add: exhausted");
        expect(agent.keys().length).toBeGreaterThan(1);
        // What was refused takes nothing from those that are there.
        const again = ["-q", "-Y", "sign", "-n", "again", "-f", join(openssh.folder, "ecdsa.pub")];
        const text = openssh.write("again", "what is signed");
        expect(await openssh.run("ssh-keygen", [...again, text])).toMatchObject({ status: 0 });
      } finally {
        openssh.remove();
      }
    },
  );

  it.skipIf(!SOAK)("is not opened where the custodian has none", async () => {
    await expect(open(0)).rejects.toMatchObject({
      code: "ERR_LETHE_SECURE_HEAP",
      message: expect.stringContaining("whose secureHeapBytes is not 0, or leave out keyPlace"),
    });
    await expect(
      AgentStage.over(custodian as Custodian, { keyPlace: "heap" as "vault" }),
    ).rejects.toThrow("keyPlace must be one of vault, secure heap");
  });
});
