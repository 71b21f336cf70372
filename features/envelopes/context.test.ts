import { afterEach, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import type { Stanza } from "../../core/contract/key_wrapper.ts";
import { codeOf, text, textOf } from "../../testing/features/envelopes/texts.ts";
import { parseHeader } from "./header.ts";
import { openEnvelopes } from "./mod.ts";

const secrets = openSecrets({ memory: "heap" });
const envelopes = openEnvelopes(secrets);
// A secret that a test drops would be counted until it is collected, in the middle of some later test.
afterEach(() => secrets.purge());

describe("context", () => {
  it("opens with the same context alone", async () => {
    const identity = envelopes.createIdentity();
    const context = text("database, version 3");
    const bound = await envelopes.seal(text("a"), [identity], { context });
    const free = await envelopes.seal(text("a"), [identity]);
    expect(textOf(await envelopes.open(bound, [identity], { context }))).toBe("a");
    for (const other of [undefined, text("database, version 4"), text("database")]) {
      const options = other === undefined ? {} : { context: other };
      expect(await codeOf(envelopes.open(bound, [identity], options))).toBe(
        "ERR_LETHE_ENVELOPE_CONTEXT",
      );
    }
    expect(await codeOf(envelopes.open(free, [identity], { context }))).toBe(
      "ERR_LETHE_ENVELOPE_CONTEXT",
    );
    expect(envelopes.inspect(bound).context).toEqual(context);
  });

  it("cannot be changed or taken away", async () => {
    const identity = envelopes.createIdentity();
    const context = text("database");
    const bound = await envelopes.seal(text("a"), [identity], { context });
    const written = Buffer.from(bound).toString("latin1");
    for (const [from, to] of [
      [/ZGF0YWJhc2U/, "ZGF0YWJhc2Y"],
      [/-> lethe\/context\n.*\n/, ""],
    ] as const) {
      const changed = Buffer.from(written.replace(from, to), "latin1");
      expect(changed.length).toBeGreaterThan(0);
      expect(await codeOf(envelopes.open(changed, [identity]))).toBe("ERR_LETHE_FORGED");
    }
  });

  it("does not go with a passphrase, nor does another recipient", async () => {
    const phrase = envelopes.usePassphrase(secrets.random(8), { logWork: 1 });
    const identity = envelopes.createIdentity();
    expect(await codeOf(envelopes.seal(text("a"), [phrase, identity]))).toBe("TypeError");
    expect(await codeOf(envelopes.seal(text("a"), [phrase, phrase]))).toBe("TypeError");
    expect(await codeOf(envelopes.seal(text("a"), [phrase], { context: text("b") }))).toBe(
      "TypeError",
    );
  });
});

describe("readdress and reseal", () => {
  it.each(["readdress", "reseal"] as const)(
    "%s opens for the new recipients alone",
    async (how) => {
      const [old, next] = [envelopes.createIdentity(), envelopes.createIdentity()];
      const context = text("database");
      for (const armor of [false, true]) {
        const envelope = await envelopes.seal(text("a message"), [old], { context, armor });
        const moved = await envelopes[how](envelope, [old], [next]);
        expect(textOf(await envelopes.open(moved, [next], { context }))).toBe("a message");
        expect(await codeOf(envelopes.open(moved, [old], { context }))).toBe(
          "ERR_LETHE_ENVELOPE_ADDRESS",
        );
        expect(envelopes.inspect(moved).armored).toBe(armor);
        if (armor) continue;
        const payload = (bytes: Uint8Array<ArrayBuffer>): Uint8Array =>
          bytes.slice(parseHeader(bytes).byteLength);
        const same = Buffer.from(payload(moved)).equals(payload(envelope));
        expect(same).toBe(how === "readdress");
        expect(await codeOf(envelopes[how](envelope, [next], [next]))).toBe(
          "ERR_LETHE_ENVELOPE_ADDRESS",
        );
      }
    },
  );
});

describe("inspect", () => {
  it("tells the head without a key", async () => {
    const identity = envelopes.createIdentity();
    const envelope = await envelopes.seal(secrets.random(70_000), [identity, identity]);
    const facts = envelopes.inspect(envelope);
    expect(facts.recipients.map(({ type }) => type)).toEqual(["X25519", "X25519"]);
    expect(facts).toMatchObject({ context: null, payloadBytes: 70_000, armored: false });
    const stanzas: readonly Stanza[] = parseHeader(envelope).stanzas;
    expect(new Set(stanzas.map(({ args }) => args[1])).size).toBe(2);
  });
});
