/** An envelope of somebody else with a stanza many times over: what opens it must neither take minutes nor stop the event loop. */
import { generateKeyPairSync } from "node:crypto";
import { afterEach, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import type { Land, Stanza } from "../../core/contract/key_wrapper.ts";
import { born } from "../crypto/lend.ts";
import { parseKey } from "../keys/mod.ts";
import { copyOf } from "./bytes.ts";
import { type AgeIdentity, openEnvelopes } from "./mod.ts";

const secrets = openSecrets({ memory: "heap" });
const envelopes = openEnvelopes(secrets);
afterEach(() => secrets.purge());

let landed = 0;
/** Each stanza that is tried makes one secret. */
const land: Land = (byteLength, fill) => {
  landed += 1;
  return born(secrets, byteLength, fill);
};

/** Its stanza, and the same so many times with a body that is not authentic. */
async function stanzasOf(identity: AgeIdentity, count: number): Promise<[Stanza, Stanza[]]> {
  const [good] = (await identity.wrap(secrets.random(16))) as [Stanza];
  const bad = Array.from({ length: count }, (_, at) => {
    const body = copyOf(good.body);
    body[0] = (body[0] as number) ^ (at + 1);
    return { args: good.args, body };
  });
  return [good, bad];
}

it.each(["ed25519", "rsa"] as const)(
  "of stanzas with the tag of an %s key one is tried",
  async (type) => {
    const { privateKey } = generateKeyPairSync(type as "rsa", { modulusLength: 2048 });
    const pkcs8 = copyOf(privateKey.export({ type: "pkcs8", format: "der" }));
    const identity = envelopes.useKey(parseKey(secrets, pkcs8));
    const [good, bad] = await stanzasOf(identity, 20);
    landed = 0;
    expect(await identity.unwrap(bad, land)).toBe(null);
    expect(landed).toBe(1);
    const tag = good.args[1] === "AAAAAA" ? "AAAAAQ" : "AAAAAA";
    const foreign = bad.map(({ args: [type, , ...rest], body }) => ({
      args: [type, tag, ...rest] as Stanza["args"],
      body,
    }));
    landed = 0;
    expect((await identity.unwrap([...foreign, good], land))?.byteLength).toBe(16);
    expect(landed).toBe(1);
  },
);

it("each stanza of X25519 is tried, with turns of the event loop between them", async () => {
  const identity = envelopes.createIdentity();
  const [good, bad] = await stanzasOf(identity, 200);
  landed = 0;
  let [before, most, turns] = [0, 0, 0];
  let timer = setImmediate(function turn() {
    [before, most, turns] = [landed, Math.max(most, landed - before), turns + 1];
    timer = setImmediate(turn);
  });
  expect((await identity.unwrap([...bad, good], land))?.byteLength).toBe(16);
  clearImmediate(timer);
  expect(landed).toBe(201);
  expect(turns).toBeGreaterThan(4);
  expect(most).toBeLessThan(100);
  expect(await identity.unwrap(bad, land)).toBe(null);
});

it("an identity that is destroyed while it looks stops there", async () => {
  const identity = envelopes.createIdentity();
  const [good, bad] = await stanzasOf(identity, 100);
  landed = 0;
  const opening = identity.unwrap([...bad, good], land);
  identity.destroy();
  await expect(opening).rejects.toMatchObject({ code: "ERR_LETHE_DESTROYED" });
  expect(landed).toBe(32);
});
