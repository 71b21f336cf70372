// Connects to PostgreSQL. `pg` takes the password as a string and keeps it: use a role that you can revoke.
import { openSecrets } from "lethe";
import { dangerouslyExposeString } from "lethe/dangerous";
import { openKeyFiles } from "lethe/key-files";
import pg from "pg";

const [path = "", host = "localhost"] = process.argv.slice(2);
const keys = openKeyFiles(openSecrets(), { onMisuse: "throw" });
const { keyBytes } = keys.inspect(path);
const password = keys.read(path, keyBytes, { asIs: true });

const client = new pg.Client({
  host,
  user: "app",
  database: "postgres",
  password: () => dangerouslyExposeString(password, (text) => text), // called once, while connecting
});
await client.connect();
password.destroy();

const { rows } = await client.query("select current_user as name");
console.log(rows[0].name);
await client.end();
