/**
 * Signatures a second of `lethe agent` and of OpenSSH's ssh-agent, by the same clients.
 *
 *     node bench/agent/main.ts [seconds]
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { sshString, u32 } from "../../features/keys/ssh.ts";
import { AgentClient } from "../../testing/features/agent/client.ts";
import { message } from "../../testing/features/agent/messages.ts";

const SECONDS = Number(process.argv[2] ?? 3);
const CLIENTS = [1, 16];
const TYPES: readonly (readonly [string, ...string[]])[] = [
  ["ed25519"],
  ["ecdsa", "-b", "256"],
  ["rsa", "-b", "2048"],
];
const ROOT = new URL("../../", import.meta.url).pathname;
const NODE = process.execPath;
const AGENTS: Readonly<Record<string, (socket: string) => readonly string[]>> = {
  "ssh-agent": (socket) => ["ssh-agent", "-D", "-a", socket],
  "lethe, Node": (socket) => [NODE, `${ROOT}cli/main.ts`, "agent", "--socket", socket],
  "lethe, Deno": (socket) => [
    ...[`${ROOT}node_modules/.bin/deno`, "run", "--quiet", "--allow-all"],
    ...[`${ROOT}cli/main.ts`, "agent", "--socket", socket],
  ],
  "lethe, Bun": (socket) => [
    `${ROOT}node_modules/.bin/bun`,
    ...[`${ROOT}cli/main.ts`, "agent", "--socket", socket],
  ],
};

const folder = mkdtempSync(join(tmpdir(), "lethe-bench-"));
try {
  for (const [type, ...more] of TYPES) {
    const path = join(folder, type);
    execFileSync("ssh-keygen", ["-q", "-N", "", "-t", type, ...more, "-f", path]);
  }
  for (const [name, command] of Object.entries(AGENTS)) await measure(name, command);
} finally {
  rmSync(folder, { recursive: true });
}

async function measure(
  name: string,
  command: (socket: string) => readonly string[],
): Promise<void> {
  const socket = join(folder, "socket");
  const [file = "", ...parameters] = command(socket);
  const begin = performance.now();
  const child = spawn(file, parameters, { stdio: "ignore" });
  try {
    while (!existsSync(socket)) await new Promise((resolve) => setTimeout(resolve, 1));
    const start = performance.now() - begin;
    process.stdout.write(`${name}: start ${start.toFixed(0)} ms\n`);
    const env = { ...process.env, SSH_AUTH_SOCK: socket };
    for (const [type] of TYPES) {
      execFileSync("ssh-add", ["-q", join(folder, type)], { env });
      for (const clients of CLIENTS) {
        const rate = await signatures(
          socket,
          readFileSync(join(folder, `${type}.pub`), "utf8"),
          clients,
        );
        process.stdout.write(`  ${type}, ${clients} clients: ${rate.toFixed(0)} signatures/s\n`);
      }
    }
    process.stdout.write(`  memory: ${memoryOf(child).join(" + ")} MB (Pss)\n`);
  } finally {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await ended;
    rmSync(socket, { force: true });
  }
}

async function signatures(socket: string, line: string, count: number): Promise<number> {
  const blob = Buffer.from(line.split(" ")[1] ?? "", "base64");
  const flags = u32(line.startsWith("ssh-rsa") ? 2 : 0);
  const request = message(13, ...sshString(blob), ...sshString(new Uint8Array(200)), flags);
  const clients = await Promise.all(Array.from({ length: count }, () => AgentClient.open(socket)));
  for (let warm = 0; warm < 20; warm++) await clients[0]?.ask(request);
  const begin = performance.now();
  const end = begin + SECONDS * 1000;
  let done = 0;
  await Promise.all(
    clients.map(async (client) => {
      while (performance.now() < end) {
        if ((await client.ask(request)) !== 14) throw new Error("no signature");
        done += 1;
      }
    }),
  );
  const rate = (done * 1000) / (performance.now() - begin);
  for (const client of clients) client.end();
  return rate;
}

/** Of the process and its children. */
function memoryOf({ pid = 0 }: ChildProcess): readonly string[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
  return [`${pid}`, ...children.filter((id) => id !== "")].map((id) => {
    const [, kilobytes = "0"] =
      /^Pss: +(\d+)/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, "utf8")) ?? [];
    return (Number(kilobytes) / 1024).toFixed(0);
  });
}
