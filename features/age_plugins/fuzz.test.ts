/** What a plugin says, damaged in every way: refused as a failure of the plugin, or taken as it stands. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { usePlugin } from "../../adapters/node/age_plugins.ts";
import { openSecrets } from "../../adapters/node/mod.ts";
import type { Land, Stanza } from "../../core/contract/key_wrapper.ts";
import { edited, editsUpTo } from "../../testing/features/age_plugins/edits.ts";
import { writePlugin } from "../../testing/features/age_plugins/write_plugin.ts";
import { SOAK } from "../../testing/tier.ts";
import { born } from "../crypto/lend.ts";
import { bech32Encode, bech32Length } from "../envelopes/bech32.ts";
import { copyOf } from "../envelopes/bytes.ts";
import { parseHeader } from "../envelopes/header.ts";
import { openEnvelopes } from "../envelopes/mod.ts";
import { type Conversation, unwrapWith, wrapWith } from "./conversation.ts";
import { Dialogue, type PeerFault } from "./dialogue.ts";
import { FAULTS, failed } from "./plugin_process.ts";

const folder = mkdtempSync(join(tmpdir(), "lethe-plugin-fuzz-"));
afterAll(() => rmSync(folder, { recursive: true }));
const secrets = openSecrets({ memory: "heap" });
const land: Land = (byteLength, fill) => born(secrets, byteLength, fill);
const base64 = (bytes: string | Uint8Array): string =>
  Buffer.from(bytes).toString("base64").replace(/=+$/, "");

/** Commands of both machines, by the book, and what stands at an edge. */
const COMMANDS: readonly string[] = [
  "-> file-key 0\nAAECAwQFBgcICQoLDA0ODw\n",
  "-> file-key 1\nAAECAwQFBgcICQoLDA0ODw\n",
  "-> file-key 0\nAAECAwQFBgcICQoLDA0O\n",
  "-> file-key 0\n\n",
  `-> recipient-stanza 0 X25519 abc\n${base64("a body")}\n`,
  `-> recipient-stanza 0 type\n${"A".repeat(64)}\n\n`,
  `-> recipient-stanza 0 type\n${"A".repeat(64)}\n${base64("rest")}\n`,
  "-> recipient-stanza 1 type\n\n",
  "-> recipient-stanza 0\n\n",
  `-> msg\n${base64("touch: é")}\n`,
  `-> error internal\n${base64("why")}\n`,
  "-> error stanza 0 0\n\n",
  `-> request-secret\n${base64("PIN?")}\n`,
  `-> request-public\n${base64("name?")}\n`,
  `-> confirm eWVz bm8\n${base64("sure?")}\n`,
  `-> grease-of-a-test x\n${base64("nobody knows this")}\n`,
  "-> done\n\n",
  "-> \n\n",
  "-> a  b\n\n",
  "->\n",
  "hello\n",
  `-> msg\n${"A".repeat(65)}\n`,
];
const GOOD = COMMANDS.filter((command) =>
  /^-> (file-key 0\nAAECAwQFBgcICQoLDA0ODw|msg|grease|recipient-stanza 0 )/.test(command),
);

/** Some commands one after another, of which up to three bytes are changed, lost, repeated or cut. */
const dialogue: fc.Arbitrary<Uint8Array> = fc
  .record({
    commands: fc.array(
      fc.oneof(
        { weight: 3, arbitrary: fc.constantFrom(...GOOD) },
        { weight: 1, arbitrary: fc.constantFrom(...COMMANDS) },
      ),
      { maxLength: 6 },
    ),
    isDone: fc.boolean(),
    edits: editsUpTo(400),
  })
  .map(({ commands, isDone, edits }) =>
    edited([...commands, isDone ? "-> done\n\n" : ""].join(""), edits),
  );

/** A conversation with a plugin that says `bytes` and ends, whatever it is told. */
function conversationOver(bytes: Uint8Array): Conversation {
  let next = 0;
  const plugin = {
    read(page: Uint8Array) {
      if (next === bytes.length) return "end";
      page[0] = bytes[next++] as number;
      return 1;
    },
    write: (sent: Uint8Array) => sent.length,
    failed: (fault: PeerFault) => failed("test", FAULTS[fault]),
  } as const;
  return {
    dialogue: new Dialogue(secrets, plugin, { timeout: 60_000, mostCommands: 10_000 }),
    plugin: "test",
    onMessage: (text) => expect(typeof text).toBe("string"),
    onSecret: () => secrets.random(8),
  };
}

async function endingOf(call: Promise<unknown>): Promise<string> {
  try {
    return (await call) === null ? "null" : "given";
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

const HOW = ["given", "null", "ERR_LETHE_WRAPPER"];

describe("a dialogue that was damaged", { timeout: 3_600_000 }, () => {
  it("gives a key, none, or the failure of a plugin, and leaves no secret", async () => {
    const identity = secrets.move(copyOf(Buffer.from("AGE-PLUGIN-TEST-1")));
    const fileKey = secrets.random(16);
    const stanzas: readonly Stanza[] = [{ args: ["type"], body: copyOf(Buffer.from("body")) }];
    const before = secrets.stats.live;
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(dialogue, fc.boolean(), async (bytes, isWrapping) => {
        const talk = conversationOver(bytes);
        const call = isWrapping
          ? wrapWith(talk, identity, fileKey)
          : unwrapWith(talk, identity, stanzas, land).then((key) => {
              if (key === null) return null;
              expect(key.byteLength).toBe(16);
              key.destroy();
              return key;
            });
        const ending = await endingOf(call);
        talk.dialogue.end();
        expect(HOW).toContain(ending);
        expect(secrets.stats.live).toBe(before);
        seen.add(`${isWrapping} ${ending}`);
      }),
      // A short run is the same each time: one of other numbers need not come to each ending.
      SOAK ? { numRuns: 100_000 } : { numRuns: 150, seed: 2 },
    );
    expect(seen.size).toBe(5); // a wrapping that gives nothing is a failure
    for (const secret of [identity, fileKey]) secret.destroy();
  });

  it.runIf(SOAK && process.platform === "linux")("is the same from a process", async () => {
    const program = writePlugin(folder, "repeats");
    const text = new Uint8Array(bech32Length("AGE-PLUGIN-LETHETEST-", 8));
    bech32Encode("AGE-PLUGIN-LETHETEST-", new Uint8Array(8).fill(7), text);
    const envelopes = openEnvelopes(secrets);
    const other = envelopes.createIdentity();
    const { stanzas } = parseHeader(await envelopes.seal(new Uint8Array(1), [other]));
    other.destroy();
    const before = secrets.stats.live;
    await fc.assert(
      fc.asyncProperty(dialogue, async (bytes) => {
        const identity = copyOf(text);
        const key = usePlugin(secrets, { program, identity, timeout: 20_000 });
        // The program says what the first stanza has as its body.
        const script = { args: ["script"] as const, body: copyOf(bytes) };
        const ending = await endingOf(
          Promise.resolve(key.unwrap([script, ...stanzas], land)).then((secret) => {
            secret?.destroy();
            return secret;
          }),
        );
        key.destroy();
        expect(HOW).toContain(ending);
        expect(secrets.stats.live).toBe(before);
      }),
      { numRuns: 300 },
    );
  });

  it("gives no stanza of another file, without a type or with a malformed body", async () => {
    const identity = secrets.move(copyOf(Buffer.from("AGE-PLUGIN-TEST-1")));
    const fileKey = secrets.random(16);
    for (const said of [
      "-> recipient-stanza 1 type\n\n",
      "-> recipient-stanza 00 type\n\n",
      "-> recipient-stanza 0\n\n",
      "-> recipient-stanza\n\n",
      "-> recipient-stanza 0 type\nAB\n",
      "-> recipient-stanza 0 type\nAA==\n",
    ]) {
      const talk = conversationOver(Buffer.from(`${said}-> done\n\n`));
      await expect(wrapWith(talk, identity, fileKey), said).rejects.toThrow(/is malformed/);
      talk.dialogue.end();
    }
    for (const secret of [identity, fileKey]) secret.destroy();
  });

  it.runIf(SOAK)("is bounded in what it keeps, and in time", async () => {
    const endless = (text: string): Uint8Array => Buffer.from(text.repeat(12_000));
    const identity = secrets.move(copyOf(Buffer.from("AGE-PLUGIN-TEST-1")));
    const fileKey = secrets.random(16);
    for (const [said, message] of [
      ["-> grease\n\n", /does not come to an end/],
      [`-> recipient-stanza 0 a\n${`${"A".repeat(64)}\n`.repeat(30)}\n`, /more than an envelope/],
    ] as const) {
      const talk = conversationOver(endless(said));
      await expect(wrapWith(talk, identity, fileKey)).rejects.toThrow(message);
      talk.dialogue.end();
    }
    const talk = conversationOver(Buffer.from(`-> msg\n${`${"A".repeat(64)}\n`.repeat(3000)}`));
    await expect(wrapWith(talk, identity, fileKey)).rejects.toThrow(/too much at once/);
    talk.dialogue.end();
    for (const secret of [identity, fileKey]) secret.destroy();
    expect(secrets.stats.live).toBe(0);
  });
});
