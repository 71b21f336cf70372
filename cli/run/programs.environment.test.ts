import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { lethe, type Outcome, outcomeOf, plainEnvironment } from "../../testing/cli/lethe.ts";
import { LINES, needs, prepareFolder, runDocumented } from "../../testing/cli/run/program_lines.ts";
import {
  MARIADB,
  must,
  startGreeter,
  startMariadb,
  startPostgres,
} from "../../testing/cli/run/servers.ts";
import { POSTGRES } from "../../testing/examples/recipes/postgres.ts";
import { RUNTIMES, SOAK } from "../../testing/features/prompt/pty.ts";
import { usageOf } from "../command_line/usage.ts";
import { run } from "./command.ts";

const PASSWORD = "correct-horse-4711";

const PROGRAMS = ["openssl", "gpg", "psql", "mysql", "curl", "age"];
const BY_TEMPLATE = ["psql", "mysql", "curl"].map((program) => `${program} by a template`);

let folder = "";
const cleanups: (() => void)[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lethe-programs-"));
  prepareFolder(folder);
  write("pass", PASSWORD);
  write("pgpass", `*:*:*:*:${PASSWORD}\n`);
  write("header", `Authorization: Bearer ${PASSWORD}\n`);
  writeFileSync(join(folder, "plain"), "what is sealed");
});
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text, { mode: 0o400 });
}

const documented = (
  program: string,
  changes: readonly (readonly [string, string])[] = [],
  more = "",
): Outcome => runDocumented(folder, program, changes, more);

it("has a test for each line of the document and of the help", () => {
  expect([...LINES.keys()].sort()).toEqual([...PROGRAMS, ...BY_TEMPLATE].sort());
  const inHelp = usageOf("run", run)
    .match(/\b(?:openssl|gpg|psql|mysql|curl|age) [^\n]*?(?=\.\.\.|$| {2,})/gm)
    ?.filter((text) => text.includes("fd"));
  expect(inHelp?.length).toBe(PROGRAMS.length);
  for (const example of inHelp ?? []) {
    const [program = "", ...words] = example.trim().split(/\s+/);
    for (const word of words.filter((text) => text.includes("fd"))) {
      expect(LINES.get(program)).toContain(word);
    }
  }
  // Nobody is told to hand a secret to a standard input.
  expect([...LINES.values()].filter((line) => line.includes("<&"))).toEqual([]);
});

describe("openssl", () => {
  const [skip, why] = needs("openssl");
  it.skipIf(skip)(`${why}seals under the password of its descriptor`, () => {
    expect(documented("openssl")).toMatchObject({ status: 0, stderr: "" });
    const words = ["enc", "-d", "-aes-256-cbc", "-pbkdf2", "-pass", `pass:${PASSWORD}`];
    expect(must(["openssl", ...words, "-in", join(folder, "sealed")])).toBe("what is sealed");
  });
});

describe("gpg", () => {
  const [skip, why] = needs("gpg", "gpgconf");
  it.skipIf(skip)(`${why}seals under the passphrase of its descriptor`, () => {
    const home = join(folder, "gnupg");
    mkdirSync(home, { mode: 0o700 });
    cleanups.push(() => spawnSync("gpgconf", ["--homedir", home, "--kill", "all"]));
    const { status, stderr } = documented("gpg", [["-o sealed", "-o sealed.gpg"]]);
    expect([status, stderr.includes(PASSWORD)]).toEqual([0, false]);
    const options = ["--homedir", home, "--batch", "--quiet", "--pinentry-mode", "loopback"];
    const opens = ["--passphrase", PASSWORD, "--decrypt", join(folder, "sealed.gpg")];
    expect(must(["gpg", ...options, ...opens])).toBe("what is sealed");
  });
});

describe("age", () => {
  const [skip, why] = needs("age", "age-keygen");
  it.skipIf(skip)(`${why}opens with the identity of its path`, () => {
    const identity = must(["age-keygen"]);
    write("identity", identity);
    const recipient = /public key: (\S+)/.exec(identity)?.[1] ?? "";
    const plain = join(folder, "plain");
    must(["age", "--recipient", recipient, "--output", join(folder, "sealed.age"), plain]);
    expect(documented("age")).toEqual({ status: 0, stdout: "what is sealed", stderr: "" });
  });
});

describe("curl", () => {
  const [skip, why] = needs("curl");
  it.skipIf(skip)(`${why}sends the header of its path, and tells nobody else`, async () => {
    const { port, seen, stop } = await startGreeter();
    cleanups.push(stop);
    // This process is the server, and cannot wait for the client.
    const line = (LINES.get("curl") ?? "").replace(
      "https://example.org/",
      `http://127.0.0.1:${port}/`,
    );
    const client = spawn("bash", ["-c", `${line} --verbose`], {
      cwd: folder,
      env: plainEnvironment({
        PATH: `${join(folder, "bin")}:${process.env["PATH"]}`,
        no_proxy: "*",
      }),
    });
    let said = "";
    client.stdout.on("data", (text) => {
      said += text;
    });
    const status = await new Promise((resolve) => client.once("close", resolve));
    expect([status, said, seen]).toEqual([0, "hello", [`Bearer ${PASSWORD}`]]);
  });
});

/** Another user is what database servers want to be. */
const isRoot = process.getuid?.() === 0;
const noRoot = isRoot ? "" : "NOT RUN, servers are started by root here: ";

describe("psql", () => {
  const [skip, why] = needs("psql", join(POSTGRES, "initdb"), "setpriv");
  it.skipIf(skip || !isRoot)(
    `${why}${noRoot}is let in, and the server's log has no password`,
    async () => {
      const server = await startPostgres(join(folder, "postgres"), PASSWORD);
      cleanups.push(server.stop);
      const here = [
        ["host=localhost", `host=${server.place}`],
        ["dbname=app", "dbname=postgres"],
      ] as const;
      const { status, stdout, stderr } = documented("psql", here, '-A -t -c "select 40 + 2"');
      expect([status, stdout, stderr]).toEqual([0, "42\n", ""]);
      expect(server.log()).toContain("select 40 + 2");
      expect(server.log()).not.toContain(PASSWORD);
      // What becomes of a password on standard input, and the proof that the log would show one.
      documented("psql", [
        ...here,
        ["--as file --key pass@3=./pgpass", "--key pass@3=./pass"],
        ["passfile=/dev/fd/3", "passfile=./pgpass"],
        ["psql", "sh -c 'exec psql \"$0\" <&3'"],
      ]);
      expect(server.log()).toContain(PASSWORD);
    },
  );
});

describe("mysql", () => {
  const [skip, why] = needs("mysql", ...MARIADB);
  it.skipIf(skip || !isRoot)(
    `${why}${noRoot}is let in by its option file, and the server's log has no password`,
    async () => {
      const server = await startMariadb(join(folder, "mysql"), PASSWORD);
      cleanups.push(server.stop);
      const socket = join(server.place, "socket");
      write("client.cnf", `[client]\npassword=${PASSWORD}\nuser=app\nsocket=${socket}\n`);
      const { status, stdout, stderr } = documented("mysql", [], '-N -e "select 40 + 2"');
      expect([status, stdout, stderr]).toEqual([0, "42\n", ""]);
      expect(server.log()).toContain("select 40 + 2");
      expect(server.log()).not.toContain(PASSWORD);
    },
  );
});

describe.skipIf(!SOAK)("a program of one's own", () => {
  const read = (options: readonly string[], command: readonly string[]): Outcome =>
    outcomeOf(lethe("node-24", "run", ...options, "--key", "pass", "--", ...command), {
      cwd: folder,
    });

  it("reads the descriptor with Node and Bun, and the path with Deno", () => {
    const byDescriptor = `
      const bytes = new Uint8Array(new ArrayBuffer(64));
      const count = require("node:fs").readSync(Number(process.env.LETHE_FD_PASS), bytes);
      console.log(new TextDecoder().decode(bytes.subarray(0, count)));`;
    for (const name of ["node-22", "node-24", "node-26", "bun"]) {
      const [file = ""] = RUNTIMES[name] ?? [];
      expect(read([], [file, "-e", byDescriptor])).toMatchObject({ stdout: `${PASSWORD}\n` });
    }
    const byPath = `
      const bytes = new Uint8Array(64);
      using file = Deno.openSync("/dev/fd/" + Deno.env.get("LETHE_FD_PASS"));
      console.log(new TextDecoder().decode(bytes.subarray(0, file.readSync(bytes))));`;
    const [deno = ""] = RUNTIMES["deno"] ?? [];
    expect(read(["--as", "file"], [deno, "eval", byPath]).stdout).toBe(`${PASSWORD}\n`);
  });

  const [skip, why] = needs("python3");
  it.skipIf(skip)(`${why}reads the descriptor with Python`, () => {
    const program = `
import os
key = bytearray(64)
count = os.readv(int(os.environ["LETHE_FD_PASS"]), [key])
print(key[:count].decode())`;
    expect(read([], ["python3", "-c", program]).stdout).toBe(`${PASSWORD}\n`);
  });
});
