/**
 * What streams of envelopes cost, from 1 KiB to 1 GiB, to 1, 2 and 8 recipients, beside the program age and the package
 * age-encryption. Each reads a file in pieces and drops what comes out:
 *
 *     node bench/envelopes/streams.ts [--most KIB]
 *
 * It takes some ten minutes and 2 GiB in the folder for temporary files. Each figure is milliseconds, first of wall time, then of CPU
 * time in all threads: the median of the runs of 1.5 seconds; from 256 MiB on of one run. The program is started for each run,
 * and its start is in its figures.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { Decrypter, Encrypter } from "age-encryption";
import { openSecrets } from "../../adapters/node/mod.ts";
import { isSecretBuffer, type SecretBuffer } from "../../core/mod.ts";
import { type AgeIdentity, openEnvelopes, type StreamPair } from "../../features/envelopes/mod.ts";

const AGE = "/usr/bin/age";
const PIECE = 65_536;
const MOST = Number(process.argv[process.argv.indexOf("--most") + 1] ?? Number.NaN);
const KIBS = [1, 64, 1024, 16_384, 262_144, 1_048_576].filter((kib) => !(kib > MOST));
const secrets = openSecrets();
const envelopes = openEnvelopes(secrets);
const folder = mkdtempSync(join(tmpdir(), "lethe-bench-"));
const [message, sealed, identityFile] = ["message", "sealed", "identity"].map((name) =>
  join(folder, name),
) as [string, string, string];

/** The pieces of a file, each in an array of its own. */
function* pieces(path: string): Generator<Uint8Array<ArrayBuffer>> {
  const file = openSync(path, "r");
  try {
    for (;;) {
      const piece = new Uint8Array(PIECE);
      const length = readSync(file, piece);
      if (length === 0) return;
      yield piece.subarray(0, length);
    }
  } finally {
    closeSync(file);
  }
}

function* secretPieces(path: string): Generator<SecretBuffer> {
  for (const piece of pieces(path)) yield secrets.move(piece);
}

async function drain(stream: ReadableStream<unknown>): Promise<void> {
  for await (const chunk of stream) if (isSecretBuffer(chunk)) chunk.destroy();
}

const through = <T>(input: Iterable<unknown>, pair: StreamPair<T>): Promise<void> =>
  drain(ReadableStream.from(input).pipeThrough(pair as never));

/** @param run gives its CPU time where that is not one of this process */
async function median(isLarge: boolean, run: () => unknown): Promise<readonly number[]> {
  const walls: number[] = [];
  const cpus: number[] = [];
  const start = performance.now();
  if (!isLarge) await run();
  do {
    const [before, used] = [performance.now(), process.cpuUsage()];
    const given = await run();
    walls.push(performance.now() - before);
    const { user, system } = process.cpuUsage(used);
    cpus.push(typeof given === "number" ? given : (user + system) / 1000);
  } while (!isLarge && walls.length < 51 && performance.now() - start < 1500);
  return [walls, cpus].map((times) =>
    Number((times.sort((a, b) => a - b)[times.length >> 1] as number).toPrecision(3)),
  );
}

/** Its CPU time, as bash tells it: milliseconds. */
function age(...words: readonly string[]): number {
  const script = 'TIMEFORMAT=\'%U %S\'; time "$0" "$@" > /dev/null';
  const { stderr, status } = spawnSync("/bin/bash", ["-c", script, AGE, ...words]);
  if (status !== 0) throw new Error(stderr.toString());
  const [user = 0, system = 0] = stderr.toString().trim().split(" ").map(Number);
  return (user + system) * 1000;
}

function writeMessage(kib: number): void {
  const piece = randomBytes(Math.min(kib, 1024) * 1024);
  const file = openSync(message, "w", 0o600);
  for (let written = 0; written < kib * 1024; written += piece.length) writeSync(file, piece);
  closeSync(file);
}

async function measure(kib: number, identities: readonly AgeIdentity[]): Promise<object> {
  const isLarge = kib >= 262_144;
  const first = identities[0] as AgeIdentity;
  const encrypter = new Encrypter();
  for (const { recipient } of identities) encrypter.addRecipient(recipient);
  const decrypter = new Decrypter();
  decrypter.addIdentity(
    envelopes.formatIdentity(first).expose((bytes) => Buffer.from(bytes).toString()),
  );
  const words = identities.flatMap(({ recipient }) => ["-r", recipient]);
  const asStream = (path: string): ReadableStream<Uint8Array> =>
    ReadableStream.from(pieces(path)) as ReadableStream<Uint8Array>;
  execFileSync(AGE, [...words, "-o", sealed, message]);
  const seal = {
    lethe: await median(isLarge, () =>
      through(secretPieces(message), envelopes.sealStream(identities)),
    ),
    "age-encryption": await median(isLarge, async () =>
      drain(await encrypter.encrypt(asStream(message))),
    ),
    age: await median(isLarge, () => age(...words, message)),
  };
  const open = {
    lethe: await median(isLarge, () => through(pieces(sealed), envelopes.openStream([first]))),
    "age-encryption": await median(isLarge, async () =>
      drain(await decrypter.decrypt(asStream(sealed))),
    ),
    age: await median(isLarge, () => age("-d", "-i", identityFile, sealed)),
  };
  const load = Number((loadavg()[0] ?? 0).toFixed(1));
  return { kib, recipients: identities.length, seal, open, load };
}

try {
  const all = Array.from({ length: 8 }, () => envelopes.createIdentity());
  const text = envelopes.formatIdentity(all[0] as AgeIdentity);
  const file = openSync(identityFile, "w", 0o600);
  text.expose((bytes) => writeSync(file, bytes as Uint8Array));
  closeSync(file);
  for (const kib of KIBS) {
    writeMessage(kib);
    for (const count of [1, 2, 8]) {
      process.stdout.write(`${JSON.stringify(await measure(kib, all.slice(0, count)))}\n`);
    }
  }
  const { maxRSS } = process.resourceUsage();
  process.stdout.write(`${JSON.stringify({ memory: secrets.memory, maxRSS })}\n`);
} finally {
  rmSync(folder, { recursive: true });
  secrets[Symbol.dispose]();
}
