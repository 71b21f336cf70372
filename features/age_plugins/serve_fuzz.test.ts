/** What a client says to age-plugin-lethe, damaged in every way: answered by the book, or refused as a client that breaks it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import type { Stanza } from "../../core/contract/key_wrapper.ts";
import { edited, editsUpTo } from "../../testing/features/age_plugins/edits.ts";
import {
  ANSWERS,
  command,
  Keys,
  served,
  type Told,
} from "../../testing/features/age_plugins/served.ts";
import { SOAK } from "../../testing/tier.ts";
import { openCrypto } from "../crypto/mod.ts";
import { formatKeyIdentity, formatKeyRecipient } from "../envelopes/key_names.ts";
import { openEnvelopes } from "../envelopes/mod.ts";

const secrets = openSecrets({ memory: "heap" });
const { publicKey: own, secretKey } = openCrypto(secrets).agreeKeyPair();
const publicKey = Uint8Array.from(own);
const FILE_KEYS = [Buffer.from("the first key 16"), Buffer.from("the second key16")] as const;
const identity = openEnvelopes(secrets).useKey({ type: "x25519", bits: 256, publicKey, secretKey });
const stanzas = FILE_KEYS.map((fileKey, file) => {
  const secret = secrets.move(Uint8Array.from(fileKey));
  const [{ args, body }] = identity.wrap(secret) as readonly [Stanza];
  secret.destroy();
  return command(`recipient-stanza ${file} ${args.join(" ")}`, body);
});
identity.destroy();
const keys = new Keys({
  "/plain": { publicKey, secretKey },
  "/sealed": "the passphrase is another",
});

/** Commands of both machines, by the book, and what stands at an edge. */
const GOOD: Readonly<Record<string, readonly string[]>> = {
  "recipient-v1": [
    command(`add-recipient ${formatKeyRecipient(publicKey)}`),
    command(`add-identity ${formatKeyIdentity({ publicKey, path: "/plain" })}`),
    command("wrap-file-key", FILE_KEYS[0]),
    command("wrap-file-key", FILE_KEYS[1]),
    command("extension-labels"),
  ],
  "identity-v1": [
    command(`add-identity ${formatKeyIdentity({ publicKey, path: "/plain" })}`),
    command(`add-identity ${formatKeyIdentity({ publicKey, path: "/sealed" })}`),
    stanzas[0] as string,
    stanzas[1] as string,
    command("recipient-stanza 1 of-another-plugin x", "anything"),
  ],
};
const EDGE: readonly string[] = [
  command("grease-of-a-test x", "nobody knows this"),
  command("add-recipient age1lethe1"),
  command("add-identity AGE-PLUGIN-LETHE-1"),
  command("wrap-file-key", "a short key"),
  command("wrap-file-key", new Uint8Array(16)),
  command("recipient-stanza 0 X25519"),
  command("recipient-stanza 00 X25519 a"),
  command(`recipient-stanza 1 X25519 ${"A".repeat(43)}`, new Uint8Array(32)),
  command("done", "with a body"),
  command("done"),
  "-> \n\n",
  "-> a  b\n\n",
  "hello\n",
];
const ENDS: readonly string[] = [
  ANSWERS,
  ANSWERS,
  ANSWERS,
  "",
  command("fail").repeat(9),
  command("ok, I suppose"),
];

/** Some commands in some order, of which up to three bytes are changed, lost, repeated or cut. */
const conversation = fc
  .constantFrom("recipient-v1", "identity-v1")
  .chain((machine) =>
    fc.record({
      machine: fc.constant(machine),
      commands: fc.array(
        fc.oneof(
          { weight: 5, arbitrary: fc.constantFrom(...(GOOD[machine] as readonly string[])) },
          { weight: 1, arbitrary: fc.constantFrom(...EDGE) },
        ),
        { maxLength: 7 },
      ),
      end: fc.constantFrom(...ENDS),
      edits: editsUpTo(600),
    }),
  )
  .map(({ machine, commands, end, edits }) => ({
    machine,
    bytes: edited([...commands, command("done"), end].join(""), edits),
  }));

function checkTold(machine: string, told: readonly Told[]): string {
  const names = new Set(told.map(({ args }) => args[0]));
  if (machine === "recipient-v1") {
    // All stanzas, or the reasons alone.
    expect([...names].every((name) => name === "error" || name === "recipient-stanza")).toBe(true);
    expect(names.size).toBeLessThan(2);
    return [...names][0] ?? "nothing";
  }
  for (const { args, body } of told) {
    expect(["error", "file-key"]).toContain(args[0]);
    // A file may have had another number, and the right key is given all the same.
    if (args[0] === "file-key") expect(FILE_KEYS.some((key) => key.equals(body))).toBe(true);
  }
  const files = told.filter(({ args }) => args[0] === "file-key").map(({ args }) => args[1]);
  expect(new Set(files).size).toBe(files.length);
  return names.has("file-key") ? "file-key" : ([...names][0] ?? "nothing");
}

describe("what a client says, damaged", { timeout: 3_600_000 }, () => {
  it("is answered by the book or refused, and no secret is left", async () => {
    const before = secrets.stats.live;
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(conversation, async ({ machine, bytes }) => {
        let ending: string;
        try {
          ending = checkTold(machine, await served(secrets, machine, bytes, keys));
        } catch (error) {
          const { code } = error as { code?: string };
          if (code !== "ERR_LETHE_WRAPPER") throw error;
          ending = code;
        }
        expect(secrets.stats.live).toBe(before);
        const name = `${machine} ${ending}`;
        seen.set(name, (seen.get(name) ?? 0) + 1);
      }),
      { numRuns: SOAK ? 100_000 : 60 },
    );
    secretKey.destroy();
    if (!SOAK) return;
    expect([...seen.keys()].toSorted()).toEqual([
      "identity-v1 ERR_LETHE_WRAPPER",
      "identity-v1 error",
      "identity-v1 file-key",
      "identity-v1 nothing",
      "recipient-v1 ERR_LETHE_WRAPPER",
      "recipient-v1 error",
      "recipient-v1 nothing",
      "recipient-v1 recipient-stanza",
    ]);
  });
});
