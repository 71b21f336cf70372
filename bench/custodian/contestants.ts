import { type ChildProcess, fork, spawn } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { once } from "node:events";
import type { Socket } from "node:net";
import process from "node:process";
import type * as Lethe from "../../adapters/node/mod.ts";
import { programOf } from "./programs.ts";

/** One way to read a password of 32 bytes out of another process. */
export interface Contestant {
  /** One read: the bytes are there, were used, and are wiped as far as that way does it. */
  read(): Promise<void>;
  close(): Promise<unknown>;
}

export const CONTESTANTS: Readonly<Record<string, () => Promise<Contestant>>> = {
  "bare echo": openEcho,
  "fork, JSON IPC, RSA": openPlain,
  custodian: () => openLethe({}),
  "custodian, key derived each turn": () => openLethe({ relockMilliseconds: 0 }),
};

/** What the reads came to, so that no compiler leaves them out. */
export const used = (): number => sum;
let sum = 0;

/** As a program that has it imported already. */
const lethe: typeof Lethe = await import(programOf("../../adapters/node/mod.ts"));

async function openLethe(options: Lethe.CustodianOptions): Promise<Contestant> {
  const { openCustodian, openSecrets } = lethe;
  const secrets = openSecrets();
  const custodian = await openCustodian({ ...options, secrets, secureHeap: "require" });
  await custodian.put("password", secrets.random(32), { mayLeave: true });
  return {
    read: () =>
      custodian.expose("password", (bytes) => {
        sum += bytes[0] ?? 0;
      }),
    close: () => custodian.close(),
  };
}

/** As many bytes each way as the custodian's own frames have. */
async function openEcho(): Promise<Contestant> {
  const child = spawn(process.execPath, [programOf("./echo_child.ts")], {
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  const socket = child.stdio[3] as Socket;
  const waiting: (() => void)[] = [];
  let came = 0;
  const SIZE = 64;
  socket.on("data", (bytes: Uint8Array) => {
    for (came += bytes.length; came >= SIZE; came -= SIZE) waiting.shift()?.();
  });
  const contestant = {
    read: () =>
      new Promise<void>((resolve) => {
        waiting.push(resolve);
        socket.write(new Uint8Array(SIZE));
      }),
    close: () => ended(child),
  };
  await contestant.read();
  return contestant;
}

async function openPlain(): Promise<Contestant> {
  const child = fork(programOf("./plain_child.ts"), { execArgv: ["--secure-heap=32768"] });
  const waiting = new Map<number, (password?: { data: number[] }) => void>();
  child.on("message", ({ id, password }: { id: number; password?: { data: number[] } }) => {
    waiting.get(id)?.(password);
    waiting.delete(id);
  });
  let next = 0;
  const ask = (message: object): Promise<{ data: number[] } | undefined> =>
    new Promise((resolve) => {
      const id = next++;
      waiting.set(id, resolve);
      child.send({ id, ...message });
    });
  await ask({ password: randomFillSync(Buffer.alloc(32)) });
  return {
    async read() {
      const password = await ask({});
      const bytes = Buffer.from(password?.data ?? []);
      sum += bytes[0] ?? 0;
      randomFillSync(bytes);
    },
    close: () => ended(child),
  };
}

async function ended(child: ChildProcess): Promise<void> {
  const exit = once(child, "exit");
  child.kill();
  await exit;
}
