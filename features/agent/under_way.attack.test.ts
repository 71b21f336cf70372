import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  type AgentOptions,
  type Custodian,
  openCustodian,
  openSecrets,
} from "../../adapters/node/mod.ts";
import { AgentStage } from "../../testing/features/agent/agent_stage.ts";
import { AgentClient } from "../../testing/features/agent/client.ts";
import { ClientKey, passphrase, signing } from "../../testing/features/agent/keys.ts";
import { message } from "../../testing/features/agent/messages.ts";
import { Questions } from "../../testing/features/agent/questions.ts";
import { SOAK } from "../../testing/tier.ts";

const [FAILURE, SUCCESS, KEYS, SIGNATURE] = [5, 6, 12, 14];
const LIST = message(11);

const secrets = openSecrets();
let custodian: Custodian;
let stage: AgentStage;
beforeAll(async () => {
  custodian = await openCustodian({ secrets });
});
afterEach(() => stage.closeAgent());
afterAll(() => custodian.close());

async function open(options: AgentOptions = {}): Promise<() => Promise<AgentClient>> {
  stage = await AgentStage.over(custodian, { secrets, ...options });
  return () => AgentClient.open(stage.agent.path);
}

/** The same with a custodian that takes secrets no sooner than `gate` opens. */
async function openHeld(gate: Promise<void>): Promise<() => Promise<AgentClient>> {
  const held = {
    ended: custodian.ended,
    sign: custodian.sign.bind(custodian),
    delete: custodian.delete.bind(custodian),
    status: custodian.status.bind(custodian),
    equals: custodian.equals.bind(custodian),
    put: async (...parameters: Parameters<Custodian["put"]>) => {
      await gate;
      await custodian.put(...parameters);
    },
  };
  stage = await AgentStage.over(held as unknown as Custodian, { secrets });
  return () => AgentClient.open(stage.agent.path);
}

describe("AGENT-2: what is bounded", () => {
  it("is bounded for clients that come and leave as well: questions that are open", async () => {
    const questions = new Questions();
    const connect = await open({ confirm: questions.ask, mostConnections: 3 });
    const blob = await stage.offer("asked", {}, { confirm: true });
    for (let count = 0; count < 10; count++) {
      const client = await connect();
      client.send(signing(blob));
      await Promise.race([client.closed, questions.asked(Math.min(count + 1, 3))]);
      client.end();
      await client.closed;
    }
    expect(questions.uses).toHaveLength(3);
    expect(await (await connect()).ask(LIST)).toBe(null);
    for (const answer of questions.open) answer(true);
    await expect.poll(async () => await (await connect()).ask(LIST)).toBe(12);
  });

  it("is bounded for requests that come behind one that is asked about: one is carried out at a time", async () => {
    const questions = new Questions();
    const connect = await open({ confirm: questions.ask });
    const blob = await stage.offer("in turn", {}, { confirm: true });
    const client = await connect();
    client.send(Buffer.concat([signing(blob), LIST, signing(blob), LIST]));
    await questions.asked(1);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(questions.uses).toHaveLength(1);
    questions.open[0]?.(true);
    await questions.asked(2);
    questions.open[1]?.(true);
    const got: unknown[] = [];
    for (let count = 0; count < 4; count++) got.push((await client.answer())?.[0]);
    expect(got).toEqual([SIGNATURE, KEYS, SIGNATURE, KEYS]);
  });

  it("AGENT-8: is bounded for a request that begins behind one that is asked about: its time begins then", async () => {
    const questions = new Questions();
    const connect = await open({ confirm: questions.ask, clientMilliseconds: 100 });
    const blob = await stage.offer("begun", {}, { confirm: true });
    const client = await connect();
    client.send(Buffer.concat([signing(blob), LIST.subarray(0, 3)]));
    await questions.asked(1);
    await new Promise((resolve) => setTimeout(resolve, 150)); // the question may take longer
    questions.open[0]?.(true);
    expect((await client.answer())?.[0]).toBe(SIGNATURE);
    const over = client.closed.then(() => "over");
    const late = new Promise((resolve) => setTimeout(resolve, 2000, "late"));
    expect(await Promise.race([over, late])).toBe("over");
  });

  it("is bounded for clients that add keys at the same moment", async () => {
    const connect = await open({ mostKeys: 3 });
    const clients = await Promise.all(Array.from({ length: 8 }, connect));
    const got = await Promise.all(clients.map((client) => client.ask(new ClientKey().adding)));
    expect(got.filter((type) => type === SUCCESS)).toHaveLength(3);
    expect(stage.agent.keys()).toHaveLength(3);
    expect(await stage.left()).toHaveLength(3);
  });
});

describe("AGENT-4: a lock", () => {
  it("takes no key that was under way, and one passphrase", async () => {
    let goOn = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const connect = await openHeld(gate);
    const [adding, locking, late] = await Promise.all([connect(), connect(), connect()]);
    const answered = Promise.all([
      adding.ask(new ClientKey().adding),
      locking.ask(passphrase(22, "first")),
      late.ask(passphrase(22, "second")),
    ]);
    await expect.poll(() => stage.outcomes()).toEqual(["lock: locked"]);
    goOn();
    const [added, first, second] = await answered;
    expect(added).toBe(FAILURE);
    expect([first, second].sort()).toEqual([FAILURE, SUCCESS]);
    expect(stage.agent.keys()).toEqual([]);
    const right = first === SUCCESS ? "first" : "second";
    expect(await late.ask(passphrase(23, right))).toBe(SUCCESS);
    expect(await late.ask(passphrase(23, right))).toBe(FAILURE);
  });

  it("makes a guess wait for the one before, and makes none for a client that has left", async () => {
    const connect = await open();
    const owner = await connect();
    expect(await owner.ask(passphrase(22, "right"))).toBe(SUCCESS);
    const start = performance.now();
    const guesses = SOAK ? 40 : 12;
    for (let count = 0; count < guesses; count++) {
      const client = await connect();
      client.send(passphrase(23, "wrong"));
      if (count < 1) continue; // this one waits for the answer
      await new Promise((resolve) => setTimeout(resolve, 2));
      client.end();
    }
    expect(await owner.ask(passphrase(23, "right"))).toBe(SUCCESS);
    const waited = performance.now() - start;
    expect(waited).toBeGreaterThan(90);
    const outcomes = stage.outcomes();
    expect(outcomes).toContain("unlock: wrong passphrase");
    expect(outcomes.filter((each) => each === "unlock: gone").length).toBeGreaterThan(guesses / 2);
  });
});

describe("an agent that closes", () => {
  it("keeps no key that was under way, and takes none", async () => {
    let goOn = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const connect = await openHeld(gate);
    const [adding, locking] = await Promise.all([connect(), connect()]);
    const { live } = secrets.stats;
    adding.send(new ClientKey().adding);
    locking.send(passphrase(22, "locked"));
    await expect.poll(() => secrets.stats.live).toBeGreaterThan(live + 1);
    await stage.agent.close();
    goOn();
    await expect.poll(() => stage.outcomes()).toHaveLength(2);
    expect(await stage.left()).toEqual([]);
    const publicKey = new Uint8Array(32).fill(3);
    expect(() => stage.agent.add("late", { type: "ed25519", publicKey })).toThrow(
      expect.objectContaining({ code: "ERR_LETHE_AGENT" }),
    );
  });
});
