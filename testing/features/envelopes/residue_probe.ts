// Run by residue.test.ts in each runtime: residue_probe.ts RUNTIME MEMORY DIRECTORY ENGINE. It opens every envelope of the
// folder, seals what it held in every way, refuses what is to be refused, and waits to be scanned.
import { readdirSync, writeFileSync } from "node:fs";
import type { SecretBuffer } from "../../../core/mod.ts";
import { openLibsodiumEngine } from "../../../engines/libsodium/libsodium_engine.ts";
import { nobleEngine } from "../../../engines/noble/noble_engine.ts";
import {
  type EnvelopesOptions,
  type Identity,
  openEnvelopes,
  type StreamPair,
} from "../../../features/envelopes/mod.ts";
import { codeOf, folder, load, secrets, waitForScan, words } from "../residue/probe.ts";

const [engine = "auto"] = words;
const envelopes = openEnvelopes(secrets, await engineOf(engine));

/** `auto`: the one of the secrets. */
async function engineOf(name: string): Promise<EnvelopesOptions> {
  if (name === "libsodium") return { engine: await openLibsodiumEngine() };
  return name === "noble" ? { engine: nobleEngine() } : {};
}

async function through<T>(pair: StreamPair<T>, pieces: readonly unknown[]): Promise<T[]> {
  const output = new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  }).pipeThrough(pair as unknown as ReadableWritablePair<T, unknown>);
  const parts: T[] = [];
  for await (const part of output) parts.push(part);
  return parts;
}

const passphrase = secrets.move(load("passphrase"));
const phrase = envelopes.usePassphrase(passphrase, { logWork: 10 });
const stranger = envelopes.createIdentity();
const files = readdirSync(folder);
const identities = files
  .filter((name) => name.startsWith("identity."))
  .flatMap((name) => envelopes.parseIdentities(load(name)));
let count = 0;

/** Leaves what was sealed for the test, which finds out its keys. */
function keep(envelope: Uint8Array): void {
  writeFileSync(`${folder}/made.${count++}`, envelope);
}

async function use(name: string, by: readonly Identity[]): Promise<void> {
  const envelope = load(name);
  const secret: SecretBuffer = await envelopes.open(envelope, by);
  for (const recipients of [identities, [phrase]]) {
    keep(await envelopes.seal(secret, recipients));
    keep(await envelopes.readdress(envelope, by, recipients));
    keep(await envelopes.reseal(envelope, by, recipients));
  }
  const chunks = await through(envelopes.openStream(by), [envelope]);
  const parts = await through(envelopes.sealStream(identities), chunks);
  keep(Buffer.concat(parts));
  secret.destroy();
  const altered = envelope.slice();
  altered[altered.length - 1] = (altered[altered.length - 1] as number) ^ 1;
  await codeOf(() => envelopes.open(altered, by));
  await codeOf(() => envelopes.open(envelope, [stranger]));
  await codeOf(() => envelopes.open(envelope, by, { context: new Uint8Array(3) }));
}

for (const name of files.sort()) {
  if (name.startsWith("sealed.")) await use(name, identities);
  if (name.startsWith("phrase.")) await use(name, [phrase]);
}
for (const identity of [...identities, stranger]) {
  if (identity.recipient.startsWith("age1")) envelopes.formatIdentity(identity).destroy();
  identity.destroy();
}
passphrase.destroy();
await waitForScan();
