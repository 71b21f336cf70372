import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { type Custodian, openCustodian } from "../../../adapters/node/mod.ts";
import { AgentStage } from "../../../testing/features/agent/agent_stage.ts";
import { AgentClient } from "../../../testing/features/agent/client.ts";
import { ClientKey, passphrase, signing } from "../../../testing/features/agent/keys.ts";
import { message } from "../../../testing/features/agent/messages.ts";
import { Application } from "../../../testing/features/custodian/stage.ts";
import { INSTALLED, MISSING, RUNTIMES } from "../../../testing/features/prompt/pty.ts";
import { SOAK } from "../../../testing/tier.ts";

const PROGRAM = fileURLToPath(
  new URL("../../../testing/features/agent/program.ts", import.meta.url),
);
const HERE = "this process";
const LIST = message(11);
const [FAILURE, SUCCESS, KEYS, SIGNATURE] = [5, 6, 12, 14];
/** `npm run soak` waits longer than a request takes on a busy machine. */
const PATIENCE = SOAK ? 1000 : 200;

interface Options {
  readonly mostConnections?: number;
  readonly clientMilliseconds?: number;
  /** Questions stay open until their client leaves. */
  readonly open?: boolean;
}

/** One for all agents of this process. */
let opened: Promise<Custodian> | undefined;
const custodian = (): Promise<Custodian> => {
  opened ??= openCustodian();
  return opened;
};
afterAll(async () => void (await (await opened)?.close()));

let path = "";
let application: Application | undefined;
let end: () => Promise<void> = async () => undefined;
afterEach(() => end());

async function open(runtime: string, { open: isOpen, ...options }: Options): Promise<void> {
  if (runtime === HERE) {
    const left = (signal: AbortSignal): Promise<boolean> => once(signal, "abort").then(() => true);
    const stage = await AgentStage.over(await custodian(), {
      ...options,
      ...(isOpen === true ? { confirm: ({ signal }) => left(signal) } : {}),
    });
    path = stage.agent.path;
    end = () => stage.closeAgent();
    return;
  }
  const kind = runtime.replace(/-.*/, "");
  const given = JSON.stringify({ ...options, open: isOpen });
  const started = new Application([...(RUNTIMES[runtime] ?? []), PROGRAM, kind, "auto", given]);
  application = started;
  end = () => started.close();
  [, path = ""] = await started.saw(/ready \d+ \d+ (\S+)/);
}

const client = (): Promise<AgentClient> => AgentClient.open(path);

/** What a new client gets for a list of keys: null when it is sent away. */
async function asked(): Promise<number | null> {
  const one = await client();
  const answer = await one.ask(LIST);
  one.end();
  return answer;
}

/** A client that sends and reads nothing. */
async function deaf(bytes: Uint8Array): Promise<Socket> {
  const socket = connect(path);
  await once(socket, "connect");
  socket.on("error", () => undefined);
  socket.pause();
  socket.write(bytes);
  return socket;
}

/** Until the agent has read what was sent, as far as it reads it: a connection of which it has read nothing is idle. */
const arrived = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 200));

const repeated = (bytes: Uint8Array, count: number): Uint8Array =>
  Buffer.concat(Array.from({ length: count }, () => bytes));

describe.skipIf(MISSING !== null).each(SOAK ? INSTALLED : [HERE])(
  "AGENT-8: an agent on %s",
  (runtime) => {
    it("ends a connection whose request does not come to its end, and others have their turn", async () => {
      await open(runtime, { mostConnections: 2, clientMilliseconds: PATIENCE });
      const [silent, slow] = await Promise.all([client(), client()]);
      silent.send(LIST.subarray(0, 3));
      slow.send(new ClientKey().adding.subarray(0, 20));
      const trickle = setInterval(() => slow.send(Uint8Array.of(0)), PATIENCE / 5);
      try {
        await Promise.all([silent.closed, slow.closed]);
      } finally {
        clearInterval(trickle);
      }
      expect(await asked()).toBe(KEYS);
    });

    it.runIf(SOAK)(
      "ends a connection that does not read its answers, and others have their turn",
      async () => {
        await open(runtime, { mostConnections: 2, clientMilliseconds: PATIENCE });
        const adding = await client();
        for (let count = 0; count < 8; count++) {
          expect(await adding.ask(new ClientKey("c".repeat(1000)).adding)).toBe(SUCCESS);
        }
        adding.end();
        const sockets = [await deaf(repeated(LIST, 2000)), await deaf(repeated(LIST, 2000))];
        await arrived();
        expect(await asked()).toBe(null);
        await expect.poll(asked, { timeout: 5 * PATIENCE }).toBe(KEYS);
        for (const socket of sockets) socket.destroy();
      },
    );

    it("serves one more client than it has places, whatever the idle ones have sent", async () => {
      await open(runtime, { mostConnections: 8 });
      const idle = await Promise.all(Array.from({ length: 20 }, client));
      expect(await asked()).toBe(KEYS);
      for (const each of idle) each.end();
    });

    it("notices that a client has left while its request is carried out", async () => {
      await open(runtime, { mostConnections: 2, open: true });
      const key = new ClientKey();
      const [first, second] = await Promise.all([client(), client()]);
      expect(await first.ask(message(25, ...key.fields, [2]))).toBe(SUCCESS);
      for (const each of [first, second]) each.send(signing(key.blob));
      await arrived();
      expect(await asked()).toBe(null);
      for (const each of [first, second]) each.end();
      await expect.poll(asked).toBe(KEYS);
    });
  },
);

describe.skipIf(MISSING !== null).each(SOAK ? INSTALLED : [HERE])(
  "AGENT-2: an agent on %s",
  (runtime) => {
    it("reads one request more while one is carried out, and waits for it", async () => {
      await open(runtime, { open: true, clientMilliseconds: PATIENCE });
      const key = new ClientKey();
      const hasty = await client();
      expect(await hasty.ask(message(25, ...key.fields, [2]))).toBe(SUCCESS);
      hasty.send(signing(key.blob));
      const more = repeated(message(13, new Uint8Array(69_632)), 60);
      hasty.send(more);
      await arrived();
      await new Promise((resolve) => setTimeout(resolve, PATIENCE));
      expect(hasty.unsent).toBe(more.length);
      expect(await asked()).toBe(KEYS);
      hasty.end();
    });

    it("answers no request before those that came before it, also none without a body", async () => {
      await open(runtime, { open: true });
      const key = new ClientKey();
      const hasty = await client();
      expect(await hasty.ask(message(25, ...key.fields, [2]))).toBe(SUCCESS);
      hasty.send(Buffer.concat([signing(key.blob), LIST, LIST]));
      const first = hasty.answer();
      const nothing = new Promise((resolve) => setTimeout(resolve, PATIENCE, "nothing"));
      expect(await Promise.race([first, nothing])).toBe("nothing");
      hasty.end();
    });

    it("answers the largest requests, and ends a connection that sends a larger one", async () => {
      await open(runtime, {});
      const key = new ClientKey();
      const one = await client();
      expect(await one.ask(key.adding)).toBe(SUCCESS);
      expect(await one.ask(signing(key.blob, new Uint8Array(65_536)))).toBe(SIGNATURE);
      expect(await one.ask(signing(key.blob, new Uint8Array(65_537)))).toBe(FAILURE);
      const LARGEST = [
        [13, 69_632],
        [200, 69_632],
        [17, 16_384],
        [22, 16_384],
      ] as const;
      for (const [type, byteLength] of LARGEST) {
        expect(await one.ask(message(type, new Uint8Array(byteLength)))).toBe(FAILURE);
      }
      expect(await one.ask(LIST)).toBe(KEYS);
      for (const [type, byteLength] of LARGEST) {
        const other = await client();
        other.send(message(type, new Uint8Array(byteLength + 1)));
        await other.closed;
      }
      one.end();
    });
  },
);

describe.skipIf(MISSING !== null || !SOAK).each(INSTALLED)("an agent on %s", (runtime) => {
  it("closes while requests are under way and parts of keys have come, and its program ends without an error", async () => {
    await open(runtime, { open: true });
    const key = new ClientKey();
    const clients = await Promise.all(Array.from({ length: 4 }, client));
    const [first, second, third, fourth] = clients as [
      AgentClient,
      AgentClient,
      AgentClient,
      AgentClient,
    ];
    expect(await first.ask(message(25, ...key.fields, [2]))).toBe(SUCCESS);
    first.send(Buffer.concat([signing(key.blob), new ClientKey().adding]));
    second.send(new ClientKey().adding.subarray(0, 100));
    third.send(new ClientKey().adding);
    fourth.send(passphrase(23, "a guess"));
    await arrived();
    application?.child.kill("SIGUSR2");
    await Promise.all(clients.map(({ closed }) => closed));
    // Nothing keeps it alive then, and it ends as a program does that has no error.
    expect(await application?.ended).toEqual({ code: 0, signal: null });
    expect(application?.text).toMatch(/closed\n$/);
  });
});
