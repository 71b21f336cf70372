// Run by residue.test.ts in each runtime: residue_probe.ts DIRECTORY. It takes keys through every kind
// of life, reveals each under a pad (see mask), and waits to be scanned.
import { readFileSync } from "node:fs";
import process from "node:process";
import { mask } from "../../../conformance/forensics/derived_needle.ts";
import type { SecretBuffer } from "../../../core/mod.ts";
import { CHEAP, codeOf, entryAtHand, stay } from "./entry.ts";

const [directory = "", memory = "auto"] = process.argv.slice(2);
const { openKeyFiles, openSecrets } = await entryAtHand();
const secrets = openSecrets({ memory });
const keys = openKeyFiles(secrets, { onMisuse: "throw", cost: CHEAP });

const revealed: { label: string; seed: number; masked: readonly number[] }[] = [];
const codes: string[] = [];

function reveal(label: string, secret: SecretBuffer, length: number = secret.byteLength): void {
  const seed = 1000 + revealed.length;
  const masked = secret.expose((bytes) =>
    mask(seed, new Uint8Array(bytes.buffer, bytes.byteOffset, length)),
  );
  revealed.push({ label, seed, masked: Array.from(masked) });
}

const path = (name: string): string => `${directory}/${name}`;

const created = keys.createAndRead(path("created"), 32);
reveal("create, destroy", created);
keys.destroy(created);

keys.create(path("read"), 32);
for (let round = 0; round < 3; round++) {
  const read = keys.read(path("read"), 32);
  if (round === 0) reveal("read, destroy", read);
  keys.destroy(read);
}

const large = keys.createAndRead(path("large"), 256);
reveal("large", large);
large.destroy();
keys.read(path("large"), 256).destroy();

for (const type of ["ed25519", "x25519"] as const) {
  const pair = keys.createAndRead(path(type), type);
  reveal(type, pair.secretKey, 32);
  keys.destroy(pair);
  keys.destroy(keys.read(path(type), type));
}

const rotated = keys.rotate(path("read"), 32);
reveal("rotate, current", rotated.current);
keys.destroy(rotated);

const [passphrase, other] = [secrets.random(24), secrets.random(24)];
reveal("passphrase", passphrase);
reveal("wrong passphrase", other);
keys.create(path("sealed"), 32);
const plain = keys.read(path("sealed"), 32);
reveal("seal, unseal", plain);
plain.destroy();
keys.seal(path("sealed"), 32, { passphrase });
keys.read(path("sealed"), 32, { passphrase }).destroy();
codes.push(codeOf(() => keys.read(path("sealed"), 32, { passphrase: other })));
keys.changePassphrase(path("sealed"), { passphrase, newPassphrase: other });
keys.read(path("sealed"), 32, { passphrase: other }).destroy();
keys.unseal(path("sealed"), { passphrase: other });

// Every refusal that may have read something, and some that may not.
for (const [name, length] of [
  ["short", 32],
  ["long", 32],
  ["open", 32],
  ["symlink", 32],
  ["sealed", 64],
] as const) {
  codes.push(codeOf(() => keys.read(path(name), length)));
}
for (const read of [
  () => keys.read(path("plain"), 256, { passphrase }),
  () => keys.unseal(path("plain"), { passphrase }),
  () => keys.changePassphrase(path("plain"), { passphrase, newPassphrase: other }),
]) {
  codes.push(codeOf(read));
}
keys.destroy([passphrase, other]);
codes.push(codeOf(() => keys.create(path("created"), 32)));
codes.push(codeOf(() => keys.inspect(path("long")) && keys.remove(path("none"))));

// The control: a key that was read the plain way leaves what the scan must find.
const leaky = keys.createAndRead(path("leaky"), 32);
reveal("leaky", leaky);
leaky.destroy();
Object.assign(globalThis, { copy: Uint8Array.from(readFileSync(path("leaky"))) });

(globalThis as { gc?: () => void }).gc?.();
await stay({ memory: secrets.memory, live: secrets.stats.live, revealed, codes });
