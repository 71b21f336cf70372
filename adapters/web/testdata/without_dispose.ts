/** A page that holds and ends a secret. The test takes `Symbol.dispose` out of what it loads. */
import { openSecrets } from "../mod.ts";

const { console } = globalThis;
const secrets = openSecrets();
const secret = secrets.random(32);
const escaped = secret.expose((bytes) => bytes);
secret.destroy();
const another = secrets.random(32);
secrets.purge();
console.error(`held ${secret.state} ${another.state} ${escaped.length}`);
