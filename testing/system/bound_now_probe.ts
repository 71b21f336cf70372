/** Uses secrets through both native modules, behind a line that says so. */
import { writeSync } from "node:fs";
import { openCrypto, openSecrets } from "../../adapters/node/mod.ts";

const MARK = "## loaded\n";
const secrets = openSecrets({ memory: "secretmem" });
const crypto = openCrypto(secrets);
const key = secrets.random(32);
const pair = crypto.agreeKeyPair();
writeSync(2, MARK);
crypto.decrypt(key, crypto.encrypt(key, key)).destroy();
crypto.unsealBox(pair, crypto.sealBox(pair.publicKey, key)).destroy();
writeSync(2, MARK);
secrets.purge();
