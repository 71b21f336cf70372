/** What the same keys and the same work leave in OpenSSH's agent and in Lethe's: the table of docs/agent.md. */
import { Buffer } from "node:buffer";
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { type Needle, scanProcess } from "../../conformance/mod.ts";
import { AgentClient } from "../../testing/features/agent/client.ts";
import { signing } from "../../testing/features/agent/keys.ts";
import { needlesOf } from "../../testing/features/agent/needles.ts";
import { NO_OPENSSH, OpenSsh } from "../../testing/features/agent/openssh.ts";
import { Application } from "../../testing/features/custodian/stage.ts";
import { copy } from "../../testing/features/keys/tools.ts";
import { INSTALLED, RUNTIMES } from "../../testing/features/prompt/pty.ts";
import { SOAK } from "../../testing/tier.ts";

const PROGRAM = fileURLToPath(new URL("../../testing/features/agent/program.ts", import.meta.url));
/** One of each kind, since an installed Node of another version runs the same code. */
const KINDS = ["node-24", "deno", "bun"].filter((name) => INSTALLED.includes(name));
const LOOKS = 20;
const CLIENTS = 4;

/** In how many looks a copy of a key was found. */
interface Found {
  /** While it has the keys, after each has signed: of one look. */
  readonly held: number;
  /** While it signs: of {@link LOOKS}. */
  readonly signing: number;
  /** After `ssh-add -D`: of one look. */
  readonly removed: number;
}

let openssh: OpenSsh | undefined;
let stop: (() => Promise<void>) | undefined;
afterEach(async () => {
  await stop?.();
  openssh?.remove();
});

/** Whether a look finds a needle; it has to find the witness. */
function sees(pid: number, needles: readonly Needle[], witness: string): boolean {
  const seen = { label: "witness", bytes: copy(Buffer.from(witness)) };
  const report = scanProcess(pid, [...needles, seen], { pause: true });
  if (report.outcome !== "scanned") throw new Error(report.reason);
  const labels = report.findings.map(({ needle }) => needle);
  expect(labels).toContain("witness");
  return labels.some((label) => label !== "witness");
}

async function follow(
  own: OpenSsh,
  socket: string,
  look: (needles: readonly Needle[]) => boolean,
): Promise<Found> {
  const needles: Needle[] = [];
  const blobs: Buffer[] = [];
  for (const [type = "", ...more] of [["ed25519"], ["ecdsa"], ["rsa", "-b", "4096"]]) {
    const path = own.makeKey(`id_${type}`, "-t", type, ...more);
    needles.push(...needlesOf(type, path));
    blobs.push(Buffer.from(readFileSync(`${path}.pub`, "utf8").split(" ")[1] ?? "", "base64"));
    expect(await own.run("ssh-add", ["-q", path])).toMatchObject({ status: 0 });
  }
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, () => AgentClient.open(socket)),
  );
  const [client] = clients as [AgentClient];
  // RSA with SHA-256: SHA-1 signs nothing here.
  const requests = blobs.map((blob, index) => {
    const request = Buffer.from(signing(blob));
    if (index === 2) request.writeUInt32BE(2, request.length - 4);
    return request;
  });
  for (const request of requests) expect(await client.ask(request)).toBe(14);
  const held = Number(look(needles));
  let found = 0;
  for (let round = 0; round < LOOKS; round++) {
    const request = requests[round % 2 === 0 ? 2 : (round % 3) % 2] as Buffer;
    for (const each of clients) each.send(request);
    await new Promise((resolve) => setTimeout(resolve, round % 7));
    found += Number(look(needles));
    for (const each of clients) expect((await each.answer())?.[0]).toBe(14);
  }
  for (const each of clients) each.end();
  await own.run("ssh-add", ["-q", "-D"]);
  return { held, signing: found, removed: Number(look(needles)) };
}

describe.skipIf(!SOAK || NO_OPENSSH !== "")(`an agent's memory${NO_OPENSSH}`, () => {
  it("of OpenSSH holds a key open while it signs, and none before and after", async () => {
    const own = new OpenSsh("");
    openssh = own;
    const socket = join(own.folder, "socket");
    const served = new OpenSsh(socket);
    const child = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
    stop = async () => {
      child.kill("SIGKILL");
      served.remove();
    };
    await expect.poll(() => existsSync(socket)).toBe(true);
    const found = await follow(served, socket, (needles) => sees(child.pid ?? 0, needles, socket));
    process.stdout.write(`ssh-agent: ${JSON.stringify(found)}\n`);
    // The control of the looks at Lethe: they come while somebody signs.
    expect(found.signing).toBeGreaterThan(0);
    expect(found).toMatchObject({ held: 0, removed: 0 });
  });

  it.each(KINDS)(
    "of Lethe on %s holds none at any time, in either process",
    async (runtime) => {
      const kind = runtime.replace(/-.*/, "");
      const application = new Application([...(RUNTIMES[runtime] ?? []), PROGRAM, kind, "auto"]);
      stop = () => application.close();
      const [, mine, its, socket = "", memory] = await application.saw(
        /ready (\d+) (\d+) (\S+) (\S+)/,
      );
      expect(memory).toBe("secretmem"); // another one is open to root while it is used
      const own = new OpenSsh(socket);
      openssh = own;
      const pids = [Number(mine), Number(its)];
      const found = await follow(own, socket, (needles) =>
        pids.map((pid) => sees(pid, needles, "the witness, in both processes: 4711")).some(Boolean),
      );
      expect(found).toEqual({ held: 0, signing: 0, removed: 0 });
    },
    180_000,
  ); // 44 scans of a whole process, each of which takes a second where others work beside it
});
