import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import process from "node:process";

/** The program, apart from `node_modules/.bin`, which starts it through Node. */
export const WORKERD: string = resolve("node_modules/workerd/bin/workerd");

/**
 * Makes one script of a worker's program, and a configuration that runs it.
 *
 * @param program its TypeScript in this folder
 * @param date what it may use of workerd: what was there on that day
 * @returns the path of the configuration
 */
export function bundleWorker(program: string, folder: string, date = "2026-10-01"): string {
  const source = join(import.meta.dirname, program);
  const { status, stdout, stderr } = spawnSync(
    resolve("node_modules/.bin/rolldown"),
    [source, "--file", join(folder, "worker.js"), "--platform", "browser", "--log-level", "silent"],
    {
      encoding: "utf8",
      env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env["PATH"]}` },
    },
  );
  if (status !== 0) throw new Error(`Cannot bundle ${program}: ${stdout}${stderr}`);
  const path = join(folder, "config.capnp");
  writeFileSync(path, configOf(date));
  return path;
}

const configOf = (date: string): string => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  compatibilityDate = "${date}",
  modules = [(name = "worker.js", esModule = embed "worker.js")],
);
`;
