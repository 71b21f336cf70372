import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  type AgentOptions,
  type Custodian,
  openCustodian,
  openSecrets,
} from "../../adapters/node/mod.ts";
import type { Clocks } from "../../system/deadline.ts";
import { deadlineAt } from "../../system/deadline.ts";
import { AgentStage } from "../../testing/features/agent/agent_stage.ts";
import { AgentClient } from "../../testing/features/agent/client.ts";
import { ClientKey, Host, passphrase, signing } from "../../testing/features/agent/keys.ts";
import { Questions } from "../../testing/features/agent/questions.ts";
import { OfferedKeys } from "./offered_keys.ts";

const [FAILURE, SUCCESS, SIGNATURE] = [5, 6, 14];

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

/** What a client gets for requests that it sends all at once. */
async function answers(client: AgentClient, requests: readonly Uint8Array[]): Promise<number[]> {
  client.send(Buffer.concat(requests));
  const got: number[] = [];
  for (const _ of requests) got.push((await client.answer())?.[0] ?? -1);
  return got;
}

describe("AGENT-7: the policy of a key", () => {
  it("counts its uses whoever asks, in one go and on several connections at the same moment", async () => {
    const connect = await open();
    const blob = await stage.offer("thrice", { uses: 3 });
    const clients = await Promise.all([connect(), connect(), connect()]);
    const requests = Array.from({ length: 5 }, () => signing(blob));
    const got = (await Promise.all(clients.map((each) => answers(each, requests)))).flat();
    expect(got.filter((type) => type === SIGNATURE)).toHaveLength(3);
    expect(got.filter((type) => type === FAILURE)).toHaveLength(12);
    for (const client of clients) client.end();
    expect(await (await connect()).ask(signing(blob))).toBe(FAILURE);
  });

  it("is no other key's: a name that was given again signs nothing for the key that had it", async () => {
    const connect = await open();
    const blob = await stage.offer("again", { uses: 1 });
    const client = await connect();
    expect(await client.ask(signing(blob))).toBe(SIGNATURE);
    const next = await stage.offer("again", {}, { confirm: true });
    expect(await client.ask(signing(blob))).toBe(FAILURE);
    expect(stage.outcomes()).toEqual(["sign: done", "sign: no such key"]);
    expect(stage.asked).toEqual([]);
    expect(await client.ask(signing(next))).toBe(SIGNATURE);
  });

  it("spends no use for a client that left while it was asked", async () => {
    const questions = new Questions();
    const connect = await open({ confirm: questions.ask });
    const blob = await stage.offer("once", { uses: 1 }, { confirm: true });
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
    const blob = await stage.offer("changed");
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
    const blob = await stage.offer("bound");
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
