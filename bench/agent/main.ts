/**
 * Signatures a second of `lethe agent` and of OpenSSH's ssh-agent, by the same clients; how long they take to start, and
 * what they take of memory before a key is added and after the signatures. Lethe is the built one.
 *
 *     node bench/agent/main.ts [seconds]
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { sshString, u32 } from "../../features/keys/ssh.ts";
import { requireBuilt } from "../../testing/build_stamp.ts";
import { AgentClient } from "../../testing/features/agent/client.ts";
import { message } from "../../testing/features/agent/messages.ts";

const SECONDS = Number(process.argv[2] ?? 3);
const CLIENTS = [1, 16];
const STARTS = 5;
const TYPES: readonly (readonly [string, ...string[]])[] = [
  ["ed25519"],
  ["ecdsa", "-b", "256"],
  ["rsa", "-b", "2048"],
];
const ROOT = new URL("../../", import.meta.url).pathname;
const NODE = process.execPath;
const AGENTS: Readonly<Record<string, (socket: string) => readonly string[]>> = {
  "ssh-agent": (socket) => ["ssh-agent", "-D", "-a", socket],
  "lethe, Node": (socket) => [NODE, `${ROOT}dist/cli/main.js`, "agent", "--socket", socket],
  "lethe, Node, secure heap": (socket) => [
    ...[NODE, `${ROOT}dist/cli/main.js`, "agent", "--secure-heap", "--socket", socket],
  ],
  "lethe, Deno": (socket) => [
    ...[`${ROOT}node_modules/.bin/deno`, "run", "--quiet", "--allow-all"],
    ...[`${ROOT}dist/cli/main.js`, "agent", "--socket", socket],
  ],
  "lethe, Bun": (socket) => [
    `${ROOT}node_modules/.bin/bun`,
    ...[`${ROOT}dist/cli/main.js`, "agent", "--socket", socket],
  ],
};

requireBuilt();
const folder = mkdtempSync(join(tmpdir(), "lethe-bench-"));
const socket = join(folder, "socket");
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const load = (): string => `load ${(loadavg()[0] ?? 0).toFixed(1)}`;
try {
  for (const [type, ...more] of TYPES) {
    const path = join(folder, type);
    execFileSync("ssh-keygen", ["-q", "-N", "", "-t", type, ...more, "-f", path]);
  }
  for (const [name, command] of Object.entries(AGENTS)) {
    const times: number[] = [];
    for (let round = 1; round < STARTS; round++)
      times.push(await whileRunning(command, () => Promise.resolve()));
    say(`${name} (${load()})`);
    times.push(await whileRunning(command, measure));
    const [least = 0, , median = 0] = times.sort((left, right) => left - right);
    say(`  start: ${median.toFixed(0)} ms, at best ${least.toFixed(0)}`);
  }
  say(load());
} finally {
  rmSync(folder, { recursive: true });
}

/** @returns how many milliseconds passed until there was a socket */
async function whileRunning(
  command: (socket: string) => readonly string[],
  use: (child: ChildProcess) => Promise<void>,
): Promise<number> {
  const [file = "", ...parameters] = command(socket);
  const begin = performance.now();
  const child = spawn(file, parameters, { stdio: "ignore" });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  try {
    while (!existsSync(socket)) await new Promise((resolve) => setTimeout(resolve, 1));
    const start = performance.now() - begin;
    await use(child);
    return start;
  } finally {
    child.kill("SIGTERM");
    await ended;
    rmSync(socket, { force: true });
  }
}

async function measure(child: ChildProcess): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 2000));
  say(`  idle: ${memoryOf(child)}`);
  const env = { ...process.env, SSH_AUTH_SOCK: socket };
  for (const [type] of TYPES) {
    execFileSync("ssh-add", ["-q", join(folder, type)], { env });
    const line = readFileSync(join(folder, `${type}.pub`), "utf8");
    for (const clients of CLIENTS) {
      const rate = await signatures(line, clients);
      say(`  ${type}, ${clients} clients: ${rate.toFixed(0)} signatures/s`);
    }
  }
  say(`  after that: ${memoryOf(child)}`);
}

async function signatures(line: string, count: number): Promise<number> {
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

/** Of the process and its children: what is resident, and each one's share of what they share with others. */
function memoryOf({ pid = 0 }: ChildProcess): string {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
  const each = [`${pid}`, ...children.filter((id) => id !== "")].map((id) => {
    const text = readFileSync(`/proc/${id}/smaps_rollup`, "utf8");
    const [rss = 0, pss = 0] = ["Rss", "Pss"].map(
      (name) => Number(new RegExp(`^${name}: +(\\d+)`, "m").exec(text)?.[1]) / 1024,
    );
    return `${rss.toFixed(0)} MB resident (Pss ${pss.toFixed(0)})`;
  });
  return each.join(" + ");
}
