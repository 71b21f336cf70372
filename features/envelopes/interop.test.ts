/** Both directions with software of others: the program age, and the package age-encryption. */
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from "age-encryption";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import { age, hasAge, newIdentityFile, WITHOUT_AGE } from "../../testing/features/envelopes/age.ts";
import { copyOf } from "./bytes.ts";
import { openEnvelopes } from "./mod.ts";

const secrets = openSecrets({ memory: "heap" });
const envelopes = openEnvelopes(secrets);
const folder = mkdtempSync(join(tmpdir(), "lethe-envelopes-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => secrets.purge());

/** Around the ends of chunks. */
const LENGTHS = [1, 15, 16, 65_535, 65_536, 65_537, 131_072, 131_073, 300_000];

const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const text = (value: string): Uint8Array<ArrayBuffer> => copyOf(Buffer.from(value));

function file(name: string, content: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

describe.skipIf(!hasAge)(`age${WITHOUT_AGE}`, () => {
  const identityFile = hasAge ? newIdentityFile() : Buffer.alloc(0);
  const recipient = /age1\S+/.exec(identityFile.toString())?.[0] ?? "";

  it("reads the identity file as age does", () => {
    const [identity] = envelopes.parseIdentities(copyOf(identityFile));
    expect(identity?.recipient).toBe(recipient);
  });

  it.each(LENGTHS)("opens %i bytes that were sealed here, and the reverse", async (length) => {
    const message = randomBytes(length);
    const path = file("identity", identityFile);
    const to = [envelopes.parseRecipient(recipient)];
    for (const armor of [false, true]) {
      const envelope = await envelopes.seal(secrets.move(copyOf(message)), to, { armor });
      expect(hash(age(["-d", "-i", path], envelope))).toBe(hash(message));
      const theirs = age([...(armor ? ["-a"] : []), "-r", recipient], message);
      const [identity] = envelopes.parseIdentities(copyOf(identityFile));
      if (identity === undefined) throw new Error("there is no identity");
      const secret = await envelopes.open(theirs, [identity]);
      expect(secret.expose(hash)).toBe(hash(message));
    }
  });

  it("opens with an identity that was made here, also with a context and two recipients", async () => {
    const identity = envelopes.createIdentity();
    const path = file(
      "own",
      envelopes.formatIdentity(identity).expose((bytes) => copyOf(bytes)),
    );
    const to = [recipient, identity.recipient].map((to) => envelopes.parseRecipient(to));
    const context = text("the key of the database");
    const envelope = await envelopes.seal(text("a message"), to, { context });
    expect(age(["-d", "-i", path], envelope).toString()).toBe("a message");
    expect(age(["-d", "-i", file("identity", identityFile)], envelope).toString()).toBe(
      "a message",
    );
  });
});

describe("age-encryption", () => {
  it.each(LENGTHS)("opens %i bytes that were sealed here, and the reverse", async (length) => {
    const message = copyOf(randomBytes(length));
    const line = await generateX25519Identity();
    const [identity] = envelopes.parseIdentities(text(line));
    if (identity === undefined) throw new Error("there is no identity");
    expect(identity.recipient).toBe(await identityToRecipient(line));
    const decrypter = new Decrypter();
    decrypter.addIdentity(line);
    const envelope = await envelopes.seal(message, [identity]);
    expect(hash(await decrypter.decrypt(envelope))).toBe(hash(message));
    const encrypter = new Encrypter();
    encrypter.addRecipient(identity.recipient);
    const secret = await envelopes.open(await encrypter.encrypt(message), [identity]);
    expect(secret.expose(hash)).toBe(hash(message));
  });

  it("opens with a passphrase that sealed here, and the reverse", async () => {
    const phrase = "correct horse battery staple";
    const wrapper = envelopes.usePassphrase(secrets.move(text(phrase)), { logWork: 10 });
    const decrypter = new Decrypter();
    decrypter.addPassphrase(phrase);
    const envelope = await envelopes.seal(text("a message"), [wrapper]);
    expect(await decrypter.decrypt(envelope, "text")).toBe("a message");
    const encrypter = new Encrypter();
    encrypter.setPassphrase(phrase);
    encrypter.setScryptWorkFactor(10);
    const secret = await envelopes.open(await encrypter.encrypt("a message"), [wrapper]);
    expect(secret.expose((bytes) => Buffer.from(bytes).toString())).toBe("a message");
  });
});
