// Run by exfat.environment.test.ts in each runtime: life_probe.ts DIRECTORY. Takes a key through every
// operation there, and leaves nothing.
import { strict as assert } from "node:assert";
import process from "node:process";
import { CHEAP, codeOf, entryAtHand } from "./entry.ts";

const path = `${process.argv[2]}/key`;
const { openKeyFiles, openSecrets } = await entryAtHand();
const secrets = openSecrets();
const keys = openKeyFiles(secrets, { onMisuse: "throw", cost: CHEAP });
const [passphrase, newPassphrase] = [secrets.random(16), secrets.random(16)];

const made = keys.createAndRead(path, 32);
assert.equal(
  codeOf(() => keys.create(path, 32)),
  "ERR_LETHE_KEY_EXISTS",
);
const { previous, current } = keys.rotate(path, 32, { keepPrevious: true });
assert(previous.equals(made));
assert(keys.read(`${path}.previous`, 32).equals(made));
assert.equal(
  codeOf(() => keys.rotate(path, 32)),
  "ERR_LETHE_KEY_EXISTS",
);
keys.remove(`${path}.previous`);
keys.seal(path, 32, { passphrase });
keys.changePassphrase(path, { passphrase, newPassphrase });
keys.unseal(path, { passphrase: newPassphrase });
assert(keys.read(path, 32).equals(current));
keys.rotate(path, 32);
assert.deepEqual(keys.inspect(path).leftovers, []);
keys.remove(path);
process.stdout.write("done\n");
