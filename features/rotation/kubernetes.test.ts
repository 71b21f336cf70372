import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import process from "node:process";
import { createInterface } from "node:readline";
import { afterAll, expect, it } from "vitest";
import { openSecrets } from "../../adapters/node/mod.ts";
import { VolumeSource } from "../../testing/features/rotation/volume_source.ts";
import { SOAK } from "../../testing/tier.ts";
import { type RotatingSecret, rotating } from "./mod.ts";
import { watchDirectory } from "./watch_directory.ts";

const READERS = 16;
const TIMES = SOAK ? 500 : 25;
const secrets = openSecrets();
const isTmpfs = process.platform === "linux" && existsSync("/dev/shm");
const why = isTmpfs ? "" : "NOT RUN, there is no /dev/shm: ";

afterAll(() => expect(secrets.stats.live).toBe(0));

it.skipIf(!isTmpfs)(
  `${why}gives ${READERS} readers one version whole while a volume of Kubernetes is swapped`,
  { timeout: 120_000 },
  async () => {
    const program = new URL("../../testing/features/rotation/swap.ts", import.meta.url).pathname;
    const writer = spawn(process.execPath, ["--no-warnings", program, `${TIMES}`, "12"], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const lines = createInterface({ input: writer.stdout })[Symbol.asyncIterator]();
    const path = `${(await lines.next()).value}`;
    let done = false;
    const seen = new Set<string>();
    const order = (version: string): number => Number(version.split("_").at(-1));

    /** Uses what serves again and again, until the writer is done and its last version serves. */
    async function read(): Promise<void> {
      const login: RotatingSecret = await rotating(
        secrets,
        new VolumeSource(["user", "password"]),
        path,
        {
          watch: watchDirectory(path),
          overlap: 50,
        },
      );
      for (let last = 0; !done || last < TIMES; ) {
        await login.use(async (current, previous) => {
          const byte = 97 + (order(current.version) % 26);
          for (const name of ["user", "password"]) {
            current
              .field(name)
              .expose((bytes) => expect(bytes.every((each) => each === byte)).toBe(true));
          }
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
          current.field("password").expose((bytes) => expect(bytes[4999]).toBe(byte));
          const now = order(current.version);
          expect(now).toBeGreaterThanOrEqual(last);
          if (previous !== undefined) expect(order(previous.version)).toBeLessThan(now);
          last = now;
          seen.add(current.version);
        });
      }
      login.close();
    }
    const readers = Array.from({ length: READERS }, read);
    writer.stdin.write("go\n");
    await lines.next();
    done = true;
    await Promise.all(readers);
    expect(seen.size).toBeGreaterThan(TIMES / 25);
    writer.stdin.end();
    await once(writer, "exit");
  },
);
