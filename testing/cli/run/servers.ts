import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect } from "vitest";
import { POSTGRES } from "../../examples/recipes/postgres.ts";

/** A database server of this test alone, which knows the user `app` by a password. */
export interface Server {
  /** Where its socket is. */
  readonly place: string;
  log(): string;
  stop(): void;
}

/** The user without rights as whom servers run: they refuse root. */
const NOBODY = 65_534;
const AS_NOBODY = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups", "--"];

/** A server of HTTP that says hello. */
export interface Greeter {
  readonly port: number;
  /** The `Authorization` of each request. */
  readonly seen: readonly unknown[];
  stop(): void;
}

export async function startGreeter(): Promise<Greeter> {
  const seen: unknown[] = [];
  const server = createServer(({ headers }, response) => {
    seen.push(headers["authorization"]);
    response.end("hello");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { port, seen, stop: () => void server.close() };
}

/** Programs of the server, which are not on PATH everywhere. */
export const MARIADB: readonly string[] = ["/usr/sbin/mariadbd", "/usr/bin/mariadb-install-db"];

/** Every statement is in its log. */
export async function startPostgres(place: string, password: string): Promise<Server> {
  own(place);
  const first = ownFile(join(place, "first"), password);
  const db = join(place, "db");
  const options = ["-D", db, "-U", "app", "-A", "scram-sha-256", `--pwfile=${first}`];
  must([...AS_NOBODY, join(POSTGRES, "initdb"), ...options]);
  const settings = [
    ["log_statement", "all"],
    ["unix_socket_directories", place],
    ["listen_addresses", ""],
  ].flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const server = started([...AS_NOBODY, join(POSTGRES, "postgres"), "-D", db, ...settings], place);
  await expect.poll(server.log, { timeout: 30_000 }).toContain("ready to accept connections");
  return server;
}

/** Every statement is in its log, but for the one by which it knows the password. */
export async function startMariadb(place: string, password: string): Promise<Server> {
  own(place);
  const sql = `CREATE USER app@localhost IDENTIFIED BY '${password.replaceAll(/['\\]/g, "\\$&")}';\n`;
  const first = ownFile(join(place, "first.sql"), sql);
  const [daemon = "", install = ""] = MARIADB;
  const options = ["--no-defaults", "--user=nobody", `--datadir=${join(place, "db")}`];
  must([install, ...options, "--auth-root-authentication-method=normal"]);
  const more = ["--skip-networking", `--socket=${join(place, "socket")}`, `--init-file=${first}`];
  const general = ["--general-log", `--general-log-file=${join(place, "general")}`];
  const server = started([daemon, ...options, ...more, ...general], place);
  await expect.poll(server.log, { timeout: 30_000 }).toContain("ready for connections");
  return { ...server, log: () => readFileSync(join(place, "general"), "utf8") };
}

function started(command: readonly string[], place: string): Server {
  const log = join(place, "log");
  const child = spawn("sh", ["-c", `exec "$@" >${log} 2>&1`, "sh", ...command], {
    stdio: "ignore",
  });
  return {
    place,
    log: () => readFileSync(log, "utf8"),
    stop: () => void child.kill("SIGKILL"),
  };
}

function own(place: string): void {
  mkdirSync(place, { mode: 0o700 });
  must(["chown", `${NOBODY}:${NOBODY}`, place]);
}

function ownFile(path: string, text: string): string {
  writeFileSync(path, text, { mode: 0o400 });
  must(["chown", `${NOBODY}:${NOBODY}`, path]);
  return path;
}

/** @throws {Error} with what it complained of */
export function must([file = "", ...parameters]: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(file, parameters, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${file}: ${stderr}`);
  return stdout;
}
