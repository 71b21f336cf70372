/**
 * A program that purges or disposes its secrets, whose misuse is fatal, while Lethe works with them: purged.ts <runtime>. Says
 * what came of each call, by its name.
 */
import { connect, type Socket } from "node:net";
import process from "node:process";
import type * as Entry from "../../../../adapters/node/mod.ts";
import type { Secrets } from "../../../../core/mod.ts";
import type { Custodian } from "../../../../features/custodian/types.ts";
import { blobOf, signing } from "../../agent/keys.ts";
import { waitsOf } from "./purged_waits.ts";

const [, , runtime = "node"] = process.argv;
const { openAgent, openCustodian, openSecrets, readSecret }: typeof Entry = await import(
  `../../../../adapters/${runtime}/mod.ts`
);
const wait = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
const said = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "done",
    (error) => String((error as { readonly code?: string }).code ?? error),
  );

/** A request of an SSH agent to lock it (22) or to unlock it (23), by a passphrase of one letter. */
const passphrase = (type: number, letter: number): Uint8Array =>
  Uint8Array.of(0, 0, 0, 6, type, 0, 0, 0, 1, letter);
/** To list its keys: without content. */
const LIST = Uint8Array.of(0, 0, 0, 1, 11);
/** The beginning of one that adds a key. */
const HALF_A_KEY = Uint8Array.of(0, 0, 0, 60, 17, 1);

function clientOf(path: string): { readonly socket: Socket; readonly closed: Promise<string> } {
  const socket = connect(path);
  socket.on("error", () => undefined);
  socket.resume();
  const closed = new Promise<string>((resolve) => {
    socket.on("close", () => resolve("closed"));
    setTimeout(() => resolve("open"), 5000).unref();
  });
  return { socket, closed };
}

/** Of the agents: its channel is in other secrets. */
let custodian: Promise<Custodian> | undefined;
const shared = (): Promise<Custodian> => (custodian ??= openCustodian());

/** @param first what the client has sent when the secrets are purged. @returns how its connection and the agent fared */
async function agentAfter(secrets: Secrets, first: Uint8Array, then: Uint8Array): Promise<string> {
  const agent = await openAgent(await shared(), { secrets });
  const { socket, closed } = clientOf(agent.path);
  socket.write(first);
  await wait(200);
  secrets.purge();
  socket.write(then);
  const outcome = await closed;
  return `${outcome}, ${await Promise.race([agent.closed.then(() => "closed"), wait(5000)])}`;
}

const CASES: Readonly<Record<string, (secrets: Secrets) => Promise<string>>> = {
  async "exec:"(secrets) {
    const read = said(readSecret(secrets, "exec:/usr/bin/sleep 2"));
    await wait(100);
    secrets.purge();
    return await read;
  },
  async "a custodian that opens"(secrets) {
    const opened = said(openCustodian({ secrets }));
    await wait(20);
    secrets.purge();
    return await opened;
  },
  async "an answer under way"(secrets) {
    const custodian = await openCustodian({ secrets });
    await custodian.generate("key", "key");
    // More than are asked at a time: the last of them waits for answers, and has none in one turn.
    const tags = Array.from({ length: 300 }, () => said(custodian.hmac("key", new Uint8Array(4))));
    await wait(0);
    secrets.purge();
    return (await Promise.all(tags)).at(-1) as string;
  },
  async "a secret on its way"(secrets) {
    const custodian = await openCustodian({ secrets });
    const put = said(custodian.put("key", secrets.random(32)));
    secrets.purge();
    return await put;
  },
  async "a secret on its way to a custodian of other secrets"(secrets) {
    const put = said((await shared()).put("key", secrets.random(32)));
    secrets.purge();
    return await put;
  },
  async "the first call afterwards"(secrets) {
    const custodian = await openCustodian({ secrets });
    secrets.purge();
    return await said(custodian.status());
  },
  async "the custodian's close"(secrets) {
    const custodian = await openCustodian({ secrets });
    secrets.purge();
    return JSON.stringify(await custodian.close());
  },
  "a client between two requests": (secrets) => agentAfter(secrets, LIST, LIST),
  "a client within one": (secrets) => agentAfter(secrets, HALF_A_KEY, new Uint8Array(58).fill(1)),
  async "guesses that wait for their turn"(secrets) {
    const agent = await openAgent(await shared(), { secrets });
    for (const letter of [1, 2, 3]) {
      const { socket } = clientOf(agent.path);
      socket.write(letter === 1 ? passphrase(22, letter) : passphrase(23, letter));
      await wait(50);
    }
    secrets.purge();
    await wait(150);
    await agent.close();
    return "closed";
  },
  /** Bytes that came behind a request under way: on Bun they lie in secret memory. */
  async "a client whose bytes wait"(secrets) {
    const custodian = await shared();
    const publicKey = await custodian.generate("of an agent", "ed25519");
    const agent = await openAgent(custodian, { secrets, allow: () => wait(150).then(() => false) });
    agent.add("of an agent", { type: "ed25519", publicKey });
    const { socket, closed } = clientOf(agent.path);
    socket.write(Uint8Array.of(...signing(blobOf(publicKey)), ...LIST, ...HALF_A_KEY));
    await wait(50);
    secrets.purge();
    return `${await closed}, ${await Promise.race([agent.closed.then(() => "closed"), wait(5000)])}`;
  },
  async "a client that comes afterwards"(secrets) {
    const agent = await openAgent(await shared(), { secrets });
    secrets.purge();
    const { socket, closed } = clientOf(agent.path);
    socket.write(LIST);
    return `${await closed}, ${await Promise.race([agent.closed.then(() => "closed"), wait(5000)])}`;
  },
};

const outcomes: Record<string, string> = {};
for (const [name, run] of Object.entries(CASES)) {
  const secrets = openSecrets({ onMisuse: "crash" });
  outcomes[name] = `${await run(secrets)}; ${secrets.stats.live} live`;
}
const keep = openSecrets({ onMisuse: "crash" });
for (const [name, run] of Object.entries(waitsOf(keep))) {
  for (const how of ["purge", "dispose"] as const) {
    const secrets = openSecrets({ onMisuse: "crash" });
    const end = (): void => (how === "purge" ? secrets.purge() : secrets[Symbol.dispose]());
    outcomes[`${name}: ${how}`] = `${await said(run(secrets, end))}; ${secrets.stats.live} live`;
  }
}
process.stdout.write(`${JSON.stringify(outcomes)}\n`);
process.exit(0); // ends what they opened
