// The shortest useful program: make a key, use it, end it. The same on Node, Deno and Bun.
import { openSecrets } from "lethe";

const secrets = openSecrets();
const key = secrets.random(32);

const sum = key.expose((bytes) => bytes.reduce((total, byte) => total + byte, 0));
console.log(`${secrets.memory} memory, ${key}, used: ${sum >= 0}`);

key.destroy();
console.log(`${key}, live secrets: ${secrets.stats.live}`);
