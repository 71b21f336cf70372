import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { PROBE, type Report, RUN, reportIn } from "./probe.ts";
import { shared } from "./shared_folder.ts";
import { commandOf, folderOf, type Tools } from "./tools.ts";

/** The folder with the tarball that users install, `lethe.tgz`, and its content, `unpacked/package`. */
function packed(): string {
  return shared("tarball", (place) => {
    const parameters = ["pack", "--ignore-scripts", "--silent", "--pack-destination", place];
    const { status, stdout, stderr } = spawnSync("npm", parameters, { encoding: "utf8" });
    if (status !== 0) throw new Error(`npm pack: ${stderr}`);
    mkdirSync(join(place, "unpacked"));
    const archive = join(place, stdout.trim());
    const unpacking = spawnSync("tar", ["xzf", archive, "-C", join(place, "unpacked")]);
    if (unpacking.status !== 0) throw new Error(`tar: ${unpacking.stderr}`);
    cpSync(archive, join(place, "lethe.tgz"));
  });
}

/** The path of the tarball, for package managers. */
export function tarball(): string {
  return join(packed(), "lethe.tgz");
}

const host = `${process.platform}-${process.arch}`;

/** The packages with binaries, which are optional dependencies, and what they load. */
const NATIVE: readonly string[] = [
  "koffi",
  `@koromix/koffi-${host}`,
  ...withDependencies("sodium-native"),
];

function withDependencies(name: string): readonly string[] {
  const description = readFileSync(join("node_modules", name, "package.json"), "utf8");
  const { dependencies = {} } = JSON.parse(description) as { dependencies?: object };
  return [name, ...Object.keys(dependencies).flatMap(withDependencies)];
}

/** Copies the packages with binaries, those for this machine alone, as `npm install` would put them there. */
export function installNative(modules: string): void {
  for (const name of new Set(NATIVE)) {
    cpSync(join("node_modules", name), join(modules, name), {
      recursive: true,
      filter: (source) => !source.includes("/prebuilds/") || source.includes(host),
    });
  }
}

/** How a command of a project is run. */
export interface Way {
  /** Comes first on PATH, and runs the programs of {@link Project.report}. `node 24` unless said otherwise. */
  readonly runtime?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** The current folder, of the project unless it is absolute. */
  readonly folder?: string;
  readonly input?: string;
}

/** Milliseconds. Builds of frameworks take half a minute on a busy machine. */
const PATIENCE = 240_000;

/** A small project as people have them: the packed package is installed in it, and tools beside it. */
export class Project {
  readonly folder: string = mkdtempSync(join(tmpdir(), "lethe-project-"));
  readonly #deployed: string[] = [];
  readonly #tools: Tools | undefined;
  readonly #replaced = new Map<string, Uint8Array>();

  constructor(tools?: Tools) {
    this.#tools = tools;
    const modules = join(this.folder, "node_modules");
    mkdirSync(modules);
    cpSync(join(packed(), "unpacked/package"), join(modules, "lethe"), { recursive: true });
    installNative(modules);
    for (const name of tools?.names ?? []) {
      mkdirSync(dirname(join(modules, name)), { recursive: true });
      symlinkSync(join(tools?.modules ?? "", name), join(modules, name));
    }
    this.write("package.json", '{ "private": true, "dependencies": { "lethe": "*" } }');
    this.write("main.mjs", PROBE + RUN);
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  has(path: string): boolean {
    return existsSync(join(this.folder, path));
  }

  delete(path: string): void {
    rmSync(join(this.folder, path), { recursive: true });
  }

  /** Writes another file in the place of one, until {@link Project.restore}. */
  replace(path: string, text: string): void {
    const file = join(this.folder, path);
    this.#replaced.set(file, readFileSync(file));
    writeFileSync(file, text);
  }

  restore(): void {
    for (const [file, content] of this.#replaced) writeFileSync(file, content);
    this.#replaced.clear();
  }

  /**
   * Runs a command in the project: a program of its tools, a runtime of this repository, or one of the system.
   *
   * @throws {Error} with what it said, when it fails
   */
  run(command: readonly string[], way: Way = {}): string {
    const { status, signal, said } = this.#spawn(command, way);
    if (status === 0) return said;
    throw new Error(`${command.join(" ")} (${status ?? signal}):\n${said.slice(-4000)}`);
  }

  /** The same, for a command that may fail: what it said. */
  tryRun(command: readonly string[], way: Way = {}): string {
    return this.#spawn(command, way).said;
  }

  #spawn(
    [name = "", ...parameters]: readonly string[],
    { runtime = "node 24", environment = {}, folder = "", input = "" }: Way,
  ): { readonly status: number | null; readonly signal: string | null; readonly said: string } {
    const { status, signal, stdout, stderr } = spawnSync(commandOf(name, this.#tools), parameters, {
      cwd: folder.startsWith("/") ? folder : join(this.folder, folder),
      encoding: "utf8",
      input,
      timeout: PATIENCE,
      killSignal: "SIGKILL",
      env: {
        HOME: process.env["HOME"],
        PATH: `${folderOf(runtime)}:/usr/local/bin:/usr/bin:/bin`,
        NO_COLOR: "1",
        DENO_TLS_CA_STORE: "mozilla,system", // it fetches esbuild, like npm through the proxy of a company
        ...environment,
      },
    });
    return { status, signal, said: stdout + stderr };
  }

  /** Runs a program that ends with the probe, and gives its report. */
  report(path: string, way: Way = {}): Report {
    const { runtime = "node 24" } = way;
    const flags = runtime === "deno" ? ["run", "--allow-all"] : [];
    return reportIn(this.run([runtime, ...flags, path], way));
  }

  /** Runs a command in which the probe runs somewhere, and gives its report. */
  reportOf(command: readonly string[], way: Way = {}): Report {
    return reportIn(this.run(command, way));
  }

  /**
   * Copies files to a folder that has nothing around it, as a deployment does.
   *
   * @returns the path of the folder
   */
  deploy(...paths: readonly string[]): string {
    const place = mkdtempSync(join(tmpdir(), "lethe-deployed-"));
    this.#deployed.push(place);
    for (const path of paths) {
      cpSync(join(this.folder, path), join(place, path), { recursive: true });
    }
    return place;
  }

  remove(): void {
    for (const folder of [this.folder, ...this.#deployed]) {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}
