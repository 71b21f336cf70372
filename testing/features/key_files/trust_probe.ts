// Run by platform_secrets.environment.test.ts in each runtime, unprivileged: trust_probe.ts JSON, a list
// of a path and a profile each. Says what reading 32 bytes there is answered with.
import process from "node:process";
import { runtimeEntry } from "./entry.ts";

const cases = JSON.parse(process.argv[2] ?? "[]") as readonly (readonly [string, "strict"])[];
const { openKeyFiles, openSecrets } = await runtimeEntry();
const secrets = openSecrets();
const keys = openKeyFiles(secrets, { onMisuse: "throw" });

const answers = cases.map(([path, trust]) => {
  try {
    keys.read(path, 32, { trust }).destroy();
    return `read, ${keys.inspect(path, { trust }).trust}`;
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return `${code ?? "none"}: ${message}`;
  }
});
process.stdout.write(JSON.stringify({ answers, live: secrets.stats.live }));
