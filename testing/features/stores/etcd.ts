// A cluster of etcd servers on loopback addresses, each a process that a test can kill, stop and continue.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Why there is no etcd, or null. */
export const NO_ETCD: string | null =
  spawnSync("etcd", ["--version"]).status === 0 ? null : "etcd is not installed";

/** One server. */
export interface EtcdServer {
  readonly endpoint: string;
  kill(): void;
  stop(): void;
  resume(): void;
  start(): void;
}

/** How a cluster is made. */
export interface EtcdOptions {
  readonly servers: number;
  /** More parameters for each, such as those of TLS. */
  readonly parameters?: readonly string[];
  readonly protocol?: "http" | "https";
}

export class EtcdCluster implements AsyncDisposable {
  readonly servers: readonly EtcdServer[];
  readonly #children: Map<number, ChildProcess>;
  readonly #folder: string;

  private constructor(
    servers: readonly EtcdServer[],
    children: Map<number, ChildProcess>,
    folder: string,
  ) {
    this.servers = servers;
    this.#children = children;
    this.#folder = folder;
  }

  get endpoints(): readonly string[] {
    return this.servers.map(({ endpoint }) => endpoint);
  }

  /** Resolves when the cluster has a leader. */
  static async start(options: EtcdOptions): Promise<EtcdCluster> {
    const { protocol = "http", parameters = [] } = options;
    const folder = mkdtempSync(join(tmpdir(), "lethe-etcd-"));
    const ports = await freePorts(2 * options.servers);
    const peer = (index: number): string => `http://127.0.0.1:${ports[2 * index + 1]}`;
    const numbers = [...Array(options.servers).keys()];
    const children = new Map<number, ChildProcess>();
    const servers = numbers.map((index): EtcdServer => {
      const endpoint = `${protocol}://127.0.0.1:${ports[2 * index]}`;
      const start = (): void => {
        const child = spawn(
          "etcd",
          [
            ...["--name", `s${index}`, "--data-dir", join(folder, `s${index}`)],
            ...["--listen-client-urls", endpoint, "--advertise-client-urls", endpoint],
            ...["--listen-peer-urls", peer(index), "--initial-advertise-peer-urls", peer(index)],
            ...["--initial-cluster", numbers.map((n) => `s${n}=${peer(n)}`).join(",")],
            ...["--heartbeat-interval", "50", "--election-timeout", "500"],
            ...["--logger", "zap", "--log-level", "error"],
            ...parameters,
          ],
          { stdio: "ignore" },
        );
        children.set(index, child);
      };
      const signal = (name: NodeJS.Signals) => (): void => void children.get(index)?.kill(name);
      start();
      return {
        endpoint,
        start,
        kill: signal("SIGKILL"),
        stop: signal("SIGSTOP"),
        resume: signal("SIGCONT"),
      };
    });
    return new EtcdCluster(servers, children, folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children.values()) {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      if (child.exitCode === null && child.signalCode === null && child.kill("SIGKILL"))
        await ended;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve) => {
          const server = createServer().listen(0, "127.0.0.1", () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
