import { Buffer } from "node:buffer";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  type AgentKeyUse,
  type AgentOptions,
  type Custodian,
  openCustodian,
  openSecrets,
} from "../../adapters/node/mod.ts";
import type { Clocks } from "../../system/deadline.ts";
import { deadlineAt } from "../../system/deadline.ts";
import { AgentStage } from "../../testing/features/agent/agent_stage.ts";
import { AgentClient } from "../../testing/features/agent/client.ts";
import { blobOf, ClientKey, Host, passphrase, signing } from "../../testing/features/agent/keys.ts";
import { message } from "../../testing/features/agent/messages.ts";
import { SOAK } from "../../testing/tier.ts";
import { OfferedKeys } from "./offered_keys.ts";

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

/** A key that is made in the custodian and offered. */
async function offer(
  name: string,
  policy: Parameters<typeof stage.custodian.generate>[2] = {},
  options: { readonly confirm?: boolean } = {},
): Promise<Uint8Array> {
  const publicKey = await stage.custodian.generate(name, "ed25519", policy);
  stage.agent.add(name, { type: "ed25519", publicKey }, options);
  return blobOf(publicKey);
}

/** What a client gets for requests that it sends all at once. */
async function answers(client: AgentClient, requests: readonly Uint8Array[]): Promise<number[]> {
  client.send(Buffer.concat(requests));
  const got: number[] = [];
  for (const _ of requests) got.push((await client.answer())?.[0] ?? -1);
  return got;
}

/** Questions that are answered when the test wants it. */
class Questions {
  readonly open: ((answer: boolean) => void)[] = [];
  readonly uses: AgentKeyUse[] = [];
  readonly ask = (use: AgentKeyUse): Promise<boolean> => {
    this.uses.push(use);
    return new Promise((resolve) => this.open.push(resolve));
  };

  async asked(count: number): Promise<void> {
    await expect.poll(() => this.uses.length).toBe(count);
  }
}

describe("AGENT-7: the policy of a key", () => {
  it("counts its uses whoever asks, in one go and on several connections at the same moment", async () => {
    const connect = await open();
    const blob = await offer("thrice", { uses: 3 });
    const clients = await Promise.all([connect(), connect(), connect()]);
    const requests = Array.from({ length: 5 }, () => signing(blob));
    const got = (await Promise.all(clients.map((each) => answers(each, requests)))).flat();
    expect(got.filter((type) => type === SIGNATURE)).toHaveLength(3);
    expect(got.filter((type) => type === FAILURE)).toHaveLength(12);
    for (const client of clients) client.end();
    expect(await (await connect()).ask(signing(blob))).toBe(FAILURE);
  });

  it("spends no use for a client that left while it was asked", async () => {
    const questions = new Questions();
    const connect = await open({ confirm: questions.ask });
    const blob = await offer("once", { uses: 1 }, { confirm: true });
    const client = await connect();
    client.send(signing(blob));
    await questions.asked(1);
    client.end();
    await expect.poll(() => questions.uses[0]?.signal.aborted).toBe(true);
    questions.open[0]?.(true);
    await expect.poll(() => stage.outcomes()).toEqual(["sign: gone"]);
    const { secrets: held } = await custodian.status();
    expect(held.find(({ name }) => name === "once")?.uses).toBe(1);
  });

  it("is that of the moment in which it signs: what changed while it was asked, counts", async () => {
    const questions = new Questions();
    const connect = await open({ allow: questions.ask, confirm: () => true });
    const blob = await offer("changed");
    const client = await connect();
    client.send(signing(blob));
    await questions.asked(1);
    const publicKey = blob.slice(-32);
    stage.agent.add("changed", { type: "ed25519", publicKey }, { confirm: true });
    questions.open[0]?.(true);
    expect((await client.answer())?.[0]).toBe(FAILURE);
    client.send(signing(blob));
    await questions.asked(2);
    expect(await (await connect()).ask(passphrase(22, "locked"))).toBe(SUCCESS);
    questions.open[1]?.(true);
    expect((await client.answer())?.[0]).toBe(FAILURE);
    expect(stage.outcomes()).toEqual(["sign: no such key", "lock: done", "sign: locked"]);
    // It is closed while it is locked: the passphrase leaves the custodian with it.
  });

  it("gets the bindings of the connection that asks, and of no other", async () => {
    const questions = new Questions();
    const connect = await open({ allow: questions.ask });
    const blob = await offer("bound");
    const [host, other] = [new Host(), new Host()];
    const [bound, free] = [await connect(), await connect()];
    bound.send(Buffer.concat([host.binding("first", true), signing(blob)]));
    free.send(signing(blob));
    await questions.asked(2);
    const bindings = questions.uses.map((use) => use.bindings).sort((a, b) => a.length - b.length);
    expect(bindings).toEqual([[], [{ hostKey: host.fingerprint, forwarding: true }]]);
    for (const allow of questions.open) allow(false);
    expect([(await bound.answer())?.[0], (await bound.answer())?.[0]]).toEqual([SUCCESS, FAILURE]);
    expect((await free.answer())?.[0]).toBe(FAILURE);
    // BIND-2: not for another host, whatever that one has signed.
    expect(await bound.ask(other.binding("first", true))).toBe(28);
    expect(await free.ask(other.binding("first", true))).toBe(SUCCESS);
    // It is gone with its connection.
    bound.end();
    const again = await connect();
    again.send(signing(blob));
    await questions.asked(3);
    expect(questions.uses[2]?.bindings).toEqual([]);
    questions.open[2]?.(false);
    expect((await again.answer())?.[0]).toBe(FAILURE);
  });
});

describe("AGENT-2: what is bounded", () => {
  it("is bounded for clients that come and leave as well: questions that are open", async () => {
    const questions = new Questions();
    const connect = await open({ confirm: questions.ask, mostConnections: 3 });
    const blob = await offer("asked", {}, { confirm: true });
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
    const blob = await offer("in turn", {}, { confirm: true });
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
    const blob = await offer("begun", {}, { confirm: true });
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

describe("AGENT-7: the lifetime of a key", () => {
  const HOUR = 3_600_000;

  it.each([
    ["somebody sets the time back", { wall: -HOUR, monotonic: 10_000 }],
    ["the machine slept", { wall: HOUR, monotonic: 0 }],
  ])("is over when %s", async (_, jump) => {
    await open();
    const now = { wall: 1e12, monotonic: 5000 };
    const clocks: Clocks = { wall: () => now.wall, monotonic: () => now.monotonic };
    const gone: string[] = [];
    const offered = new OfferedKeys(4, ({ name }) => gone.push(name), clocks);
    const key = new ClientKey();
    offered.add({
      blob: Uint8Array.from(key.blob),
      type: "ed25519",
      certified: false,
      comment: new Uint8Array(0),
      name: "brief",
      fingerprint: "",
      confirm: false,
      expires: deadlineAt(now.wall + 9000, clocks),
      isOfClient: true,
    });
    expect(offered.all()).toHaveLength(1);
    now.wall += jump.wall;
    now.monotonic += jump.monotonic;
    expect(offered.find(key.blob)).toBeUndefined();
    expect(gone).toEqual(["brief"]);
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
