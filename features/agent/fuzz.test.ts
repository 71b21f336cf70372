import { Buffer } from "node:buffer";
import * as node from "node:crypto";
import process from "node:process";
import { expect, it } from "vitest";
import { type AgentUse, openAgent, openCustodian, openSecrets } from "../../adapters/node/mod.ts";
import { Authority, addingCertified } from "../../testing/features/agent/certificates.ts";
import { AgentClient } from "../../testing/features/agent/client.ts";
import { ClientKey, Host } from "../../testing/features/agent/keys.ts";
import { bodyOf, message, randomBelow, text } from "../../testing/features/agent/messages.ts";
import { mutator } from "../../testing/features/keys/mutate.ts";
import { SOAK } from "../../testing/tier.ts";
import { sshPublicBlob, sshString, u32 } from "../keys/ssh.ts";

const ROUNDS = SOAK ? 100_000 : 200;
/** In milliseconds: some 200 s of the soak's are the work itself on a busy machine. */
const PATIENCE = SOAK ? 1_800_000 : 60_000;

const join = (pieces: readonly (Uint8Array | readonly number[])[]): Uint8Array =>
  Buffer.concat(pieces.map((piece) => Buffer.from(piece)));

it(
  "AGENT-2: gives every mutated message an answer of the protocol, and keeps nothing of it",
  async () => {
    const secrets = openSecrets();
    const custodian = await openCustodian({ secrets });
    const outcomes = new Map<string, number>();
    const onUse = ({ action, outcome }: AgentUse): void => {
      const name = `${action}: ${outcome}`;
      outcomes.set(name, (outcomes.get(name) ?? 0) + 1);
    };
    const agent = await openAgent(custodian, { secrets, onUse, mostKeys: 8 });
    const publicKey = await custodian.generate("mine", "ed25519");
    const blob = sshPublicBlob("ed25519", Uint8Array.from(publicKey)) as Uint8Array;
    const { d = "", x = "" } = node
      .generateKeyPairSync("ed25519")
      .privateKey.export({ format: "jwk" });
    const [seed, point] = [Buffer.from(d, "base64url"), Buffer.from(x, "base64url")];
    const added = join([
      ...text("ssh-ed25519"),
      ...sshString(point),
      ...sshString(Buffer.concat([seed, point])),
      ...text("me"),
    ]);
    const [certified, host] = [new ClientKey(), new Host()];
    const certificate = new Authority().certify(certified.blob);
    const ORIGINALS = [
      message(11),
      message(13, ...sshString(blob), ...text("data"), u32(0)),
      message(17, added),
      message(25, added, [1, 0, 0, 1, 0]),
      message(18, ...sshString(blob)),
      message(22, [0, 0, 0, 255], ...text("no")), // so that a mutation rarely locks it
      message(23, ...text("passphrase")),
      message(27, ...text("query")),
      message(
        27,
        ...text("session-bind@openssh.com"),
        ...sshString(blob),
        ...text("id"),
        ...text("sig"),
        [0],
      ),
      message(20, ...text("token"), ...text("pin")),
      addingCertified(certified, certificate),
      message(13, ...sshString(certificate), ...text("data"), u32(0)),
      host.binding("id", false, "id", new Authority().certify(host.blob, { kind: 2 })),
    ].map((whole, index) => ({
      type: whole[4] as number,
      mutate: mutator(index + 1, bodyOf(whole)),
    }));
    const below = randomBelow(9);
    let client = await AgentClient.open(agent.path);
    const live = secrets.stats.live;
    let memory = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const { type, mutate } = ORIGINALS[below(ORIGINALS.length)] as (typeof ORIGINALS)[number];
      const body = mutate();
      const number = below(20) === 0 ? below(256) : type;
      if (round % 50 === 49) {
        // Frames cut or with a wrong length, on a connection that ends.
        client.send(Uint8Array.from([...u32(below(100_000)), number, ...body]));
        client.end();
        client = await AgentClient.open(agent.path);
        continue;
      }
      if (number === 22 && parsesAsPassphrase(body)) continue;
      if (number === 23) continue; // a wrong passphrase takes longer each time
      if (number === 13) agent.add("mine", { type: "ed25519", publicKey }); // others remove it
      const answer = await client.ask(message(number, body));
      expect([5, 6, 12, 14, 28, 29]).toContain(answer);
      if (round === ROUNDS >> 1) memory = process.memoryUsage().rss;
    }
    client.end();
    await agent.close();
    expect([...outcomes.keys()].filter((name) => name.endsWith("failed"))).toEqual([]);
    expect(outcomes.get("sign: done")).toBeGreaterThan(0);
    expect(outcomes.get("add: done")).toBeGreaterThan(0);
    expect(outcomes.get("add: malformed")).toBeGreaterThan(0);
    expect(secrets.stats.live).toBeLessThanOrEqual(live);
    expect(process.memoryUsage().rss - memory).toBeLessThan(64 * 2 ** 20);
    const left = (await custodian.status({ most: 1000 })).secrets.map(({ name }) => name);
    expect(left).toEqual(["mine"]);
    await custodian.close();
  },
  PATIENCE,
);

function parsesAsPassphrase(body: Uint8Array): boolean {
  return body.length > 4 && new DataView(body.buffer).getUint32(0) === body.length - 4;
}
