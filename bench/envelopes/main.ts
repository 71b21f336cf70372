/**
 * What sealing and opening costs, beside the program age and the package age-encryption, which keep secrets in ordinary
 * memory:
 *
 *     node bench/envelopes/main.ts [--large]
 *
 * The program is started for each run, and its start is in its figures: they say something for large payloads alone. `--large`
 * goes up to 256 MiB, and takes minutes.
 */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { Decrypter, Encrypter } from "age-encryption";
import { openSecrets } from "../../adapters/node/mod.ts";
import { isSecretBuffer, type SecretBuffer } from "../../core/mod.ts";
import { type AgeIdentity, openEnvelopes, type StreamPair } from "../../features/envelopes/mod.ts";

const AGE = "/usr/bin/age";
const KIB = 1024;
const SIZES = process.argv.includes("--large")
  ? [1, 64, 1024, 16_384, 262_144]
  : [1, 64, 1024, 16_384];
const secrets = openSecrets();
const envelopes = openEnvelopes(secrets);
const folder = mkdtempSync(join(tmpdir(), "lethe-bench-"));

/** The median of some runs, in milliseconds. */
async function median(run: () => unknown): Promise<number> {
  const times: number[] = [];
  const start = performance.now();
  await run();
  while (times.length < 3 || (times.length < 51 && performance.now() - start < 1500)) {
    const before = performance.now();
    await run();
    times.push(performance.now() - before);
  }
  return times.sort((a, b) => a - b)[times.length >> 1] as number;
}

/** Lets pieces through and drops them: 64 KiB each, as a file would be read. */
async function drain<T>(pair: StreamPair<T>, bytes: Uint8Array, asSecrets: boolean): Promise<void> {
  function* pieces(): Generator<Uint8Array | SecretBuffer> {
    for (let at = 0; at < bytes.length; at += 65_536) {
      const part = bytes.subarray(at, at + 65_536);
      if (!asSecrets) yield part;
      else {
        const secret = secrets.allocate(part.length);
        secret.modify((target) => target.set(part));
        yield secret;
      }
    }
  }
  const output = ReadableStream.from(pieces()).pipeThrough(
    pair as unknown as ReadableWritablePair<T, unknown>,
  );
  for await (const chunk of output) if (isSecretBuffer(chunk)) chunk.destroy();
}

interface Row {
  readonly kib: number;
  readonly recipients: number;
  readonly [contestant: string]: number | string;
}

async function measure(kib: number, identities: readonly AgeIdentity[]): Promise<Row> {
  const message = randomBytes(kib * KIB);
  const path = join(folder, "message");
  writeFileSync(path, message);
  const first = identities[0] as AgeIdentity;
  const line = envelopes.formatIdentity(first).expose((bytes) => Buffer.from(bytes).toString());
  const file = join(folder, "identity");
  writeFileSync(file, line, { mode: 0o600 });
  const encrypter = new Encrypter();
  for (const { recipient } of identities) encrypter.addRecipient(recipient);
  const decrypter = new Decrypter();
  decrypter.addIdentity(line);
  const sealed = await encrypter.encrypt(message);
  const sealedPath = join(folder, "sealed");
  writeFileSync(sealedPath, sealed);
  const words = identities.flatMap(({ recipient }) => ["-r", recipient]);
  const stdio = { stdio: ["ignore", "ignore", "inherit"] as ["ignore", "ignore", "inherit"] };
  const whole = secrets.allocate(message.length);
  whole.modify((target) => target.set(message));
  const row: Record<string, number> = {
    "lethe seal": await median(() => envelopes.seal(whole, identities)),
    "lethe seal stream": await median(() => drain(envelopes.sealStream(identities), message, true)),
    "age-encryption encrypt": await median(() => encrypter.encrypt(message)),
    "lethe open": await median(async () => (await envelopes.open(sealed, [first])).destroy()),
    "lethe open stream": await median(() => drain(envelopes.openStream([first]), sealed, false)),
    "age-encryption decrypt": await median(() => decrypter.decrypt(sealed)),
  };
  if (existsSync(AGE)) {
    row["age -e, with its start"] = await median(() => execFileSync(AGE, [...words, path], stdio));
    row["age -d, with its start"] = await median(() =>
      execFileSync(AGE, ["-d", "-i", file, sealedPath], stdio),
    );
  }
  whole.destroy();
  const rounded = Object.entries(row).map(([name, time]) => [name, Number(time.toPrecision(3))]);
  return { kib, recipients: identities.length, ...Object.fromEntries(rounded) };
}

try {
  const all = Array.from({ length: 8 }, () => envelopes.createIdentity());
  for (const kib of SIZES) {
    for (const count of kib <= 64 ? [1, 2, 8] : [1]) {
      process.stdout.write(`${JSON.stringify(await measure(kib, all.slice(0, count)))}\n`);
    }
  }
} finally {
  rmSync(folder, { recursive: true });
  secrets[Symbol.dispose]();
}
