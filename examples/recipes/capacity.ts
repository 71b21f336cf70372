// Refuses to start where the container locks too little memory for the secrets that it will hold.
import { openSecrets } from "lethe";

const needed = 100;
const secrets = openSecrets({ require: ["locked"] });
const capacity = secrets.capacity(32);
if (capacity !== null && capacity.locked < needed) {
  throw new Error(`Only ${capacity.locked} of ${needed} keys can be locked: raise memlock`);
}
console.log(`${secrets.memory}: ${needed} keys can be locked`);
