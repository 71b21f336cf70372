import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** The folder of the server's programs, which Debian leaves out of PATH. */
export const POSTGRES: string = globSync("/usr/lib/postgresql/*/bin").at(-1) ?? "/none";

/** Why no server of PostgreSQL can run here, or null. */
export const noPostgres: string | null = (() => {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "it takes root on Linux";
  if (spawnSync("id", ["postgres"]).status !== 0) return "there is no user postgres";
  return existsSync(join(POSTGRES, "initdb")) ? null : "initdb is not installed";
})();

/** A server for one test, on a Unix socket and perhaps on loopback, with a role `app` that SCRAM asks for its password. */
export class Postgres {
  readonly #child: ChildProcess;

  /** The folder of the socket, for `host`. */
  readonly socket: string;

  private constructor(child: ChildProcess, socket: string) {
    this.#child = child;
    this.socket = socket;
  }

  /** @param port on which it listens on 127.0.0.1 as well; 0: on the socket alone */
  static async start(password: string, port: number = 0): Promise<Postgres> {
    const folder = mkdtempSync(join(tmpdir(), "lethe-postgres-"));
    const file = join(folder, "password");
    writeFileSync(file, password);
    run("chown", ["-R", "postgres", folder]);
    const data = join(folder, "data");
    const rights = ["--username", "app", "--auth", "scram-sha-256", "--pwfile", file];
    const [uid, gid] = ["-u", "-g"].map((which) => Number(run("id", [which, "postgres"])));
    const user = { uid: uid as number, gid: gid as number };
    run(join(POSTGRES, "initdb"), ["-N", "-D", data, ...rights], user);
    const listens = port === 0 ? [] : ["-c", `port=${port}`];
    const addresses = port === 0 ? "" : "127.0.0.1";
    const settings = ["-k", folder, "-c", `listen_addresses=${addresses}`, "-F", ...listens];
    const child = spawn(join(POSTGRES, "postgres"), ["-D", data, ...settings], {
      ...user,
      stdio: "ignore",
    });
    const name = `.s.PGSQL.${port === 0 ? 5432 : port}`;
    for (let tries = 0; !existsSync(join(folder, name)); tries++) {
      if (tries > 200) throw new Error("PostgreSQL did not start within 20 seconds");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return new Postgres(child, folder);
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGINT"); // a fast shutdown
    await ended;
    rmSync(this.socket, { recursive: true });
  }
}

function run(program: string, words: readonly string[], user: object = {}): string {
  const { status, stdout, stderr } = spawnSync(program, words, { encoding: "utf8", ...user });
  if (status !== 0) throw new Error(`${program}: ${stderr}`);
  return stdout;
}
