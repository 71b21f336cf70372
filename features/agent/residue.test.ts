import { Buffer } from "node:buffer";
import { type ChildProcess, spawn } from "node:child_process";
import * as node from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import type { Needle } from "../../conformance/mod.ts";
import { AgentClient } from "../../testing/features/agent/client.ts";
import { message, text } from "../../testing/features/agent/messages.ts";
import { needlesOf } from "../../testing/features/agent/needles.ts";
import { NO_OPENSSH, OpenSsh } from "../../testing/features/agent/openssh.ts";
import { Application, expectClean, scanned } from "../../testing/features/custodian/stage.ts";
import { copy } from "../../testing/features/keys/tools.ts";
import { INSTALLED, RUNTIMES } from "../../testing/features/prompt/pty.ts";
import { SOAK } from "../../testing/tier.ts";

const PROGRAM = fileURLToPath(new URL("../../testing/features/agent/program.ts", import.meta.url));
const PASSPHRASE = node.randomBytes(18).toString("base64url");

let stage: { close(): Promise<void> } | undefined;
let openssh: OpenSsh | undefined;
afterEach(async () => {
  await stage?.close();
  openssh?.remove();
  stage = undefined;
});

/** What a user does with an agent, and the needles of it. */
async function work(
  socket: string,
  confirm: readonly string[],
  also: (needles: readonly Needle[]) => Promise<void>,
): Promise<void> {
  const own = new OpenSsh(socket);
  openssh = own;
  const needles: Needle[] = [{ label: "passphrase", bytes: copy(Buffer.from(PASSPHRASE)) }];
  const types = [
    ["ed25519"],
    ["ecdsa"],
    ...(SOAK
      ? [
          ["ecdsa", "-b", "384"],
          ["rsa", "-b", "2048"],
        ]
      : []),
  ];
  const keys = types.map(([type = "", ...more], index) => {
    const path = own.makeKey(`id_${index}`, "-t", type, ...more);
    needles.push(...needlesOf(`${type} ${more.join(" ")}`, path));
    return path;
  });
  const file = own.write("text", "what is signed");
  const expectDone = async (program: string, ...parameters: readonly string[]): Promise<void> => {
    const { status, text: said } = await own.run(program, parameters, PASSPHRASE);
    expect(status, said).toBe(0);
  };
  // ssh-add sends each key a second time, with its certificate.
  const certify = ["-q", "-s", own.makeKey("authority", "-t", "ed25519"), "-I", "me", "-n", "root"];
  await expectDone("ssh-keygen", ...certify, ...keys.map((key) => `${key}.pub`));
  await expectDone("ssh-add", "-q", ...keys);
  await expectDone("ssh-add", "-q", ...confirm, "-t", "600", ...keys);
  for (const key of keys) {
    await expectDone("rm", "-f", `${file}.sig`);
    await expectDone("ssh-keygen", "-q", "-Y", "sign", "-n", "file", "-f", `${key}.pub`, file);
  }
  await expectDone("ssh-add", "-x");
  await expectDone("ssh-add", "-X");
  // A request that is refused, and one that is never finished.
  const seed = needles[1]?.bytes ?? new Uint8Array(32);
  const client = await AgentClient.open(socket);
  expect(await client.ask(message(17, ...text("ssh-ed25519"), seed, seed))).toBe(5);
  client.send(message(25, [...seed, ...seed], new Array(400).fill(0)).subarray(0, 90));
  await new Promise((resolve) => setTimeout(resolve, 200));
  client.end();
  await new Promise((resolve) => setTimeout(resolve, 200));
  await also(needles);
  await expectDone("ssh-add", "-q", "-D");
  await also(needles);
}

describe.skipIf(!SOAK || NO_OPENSSH !== "").each(INSTALLED)(
  `AGENT-1: an agent on %s${NO_OPENSSH}`,
  (runtime) => {
    it("leaves no key and no passphrase in either process, while it holds them and after", async () => {
      const kind = runtime.replace(/-.*/, "");
      const application = new Application([...(RUNTIMES[runtime] ?? []), PROGRAM, kind, "auto"]);
      stage = application;
      const [, mine, its, socket = ""] = await application.saw(/ready (\d+) (\d+) (\S+)/);
      await work(socket, ["-c"], async (needles) => {
        expectClean(Number(mine), needles);
        expectClean(Number(its), needles);
      });
    });
  },
);

it.skipIf(!SOAK || NO_OPENSSH !== "")(
  `OpenSSH's agent, by the same scan${NO_OPENSSH}`,
  async () => {
    openssh = new OpenSsh("");
    const socket = join(openssh.folder, "socket");
    const child: ChildProcess = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
    stage = {
      close: async () => {
        child.kill("SIGKILL");
      },
    };
    const folder = openssh;
    await new Promise((resolve) => setTimeout(resolve, 500));
    const found: string[][] = [];
    await work(socket, [], async (needles) => {
      const witness = { label: "witness", bytes: copy(Buffer.from(socket)) };
      expect(scanned(child.pid ?? 0, [witness]).findings).not.toEqual([]);
      const { findings } = scanned(child.pid ?? 0, needles);
      found.push(
        findings.map(({ needle, encoding, complete }) => `${needle} ${encoding} ${complete}`),
      );
    });
    folder.remove();
    expect(found).toEqual([[], []]); // docs/agent.md says so
  },
);
