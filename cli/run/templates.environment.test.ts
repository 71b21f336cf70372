import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openSecrets } from "../../memories/heap/mod.ts";
import {
  environmentOf,
  lineOf,
  needs,
  prepareFolder,
  runDocumented,
} from "../../testing/cli/run/program_lines.ts";
import {
  MARIADB,
  startGreeter,
  startMariadb,
  startPostgres,
} from "../../testing/cli/run/servers.ts";
import { POSTGRES } from "../../testing/examples/recipes/postgres.ts";
import { render, templateOf } from "./template.ts";

/** What the formats of psql and mysql escape, and what neither takes for an end or a comment. */
const ODD = `co:rr\\ect "horse' #4711;`;
/** What curl takes as it is. */
const PLAIN = `co:rrect-horse'#4711;`;

let folder = "";
const cleanups: (() => void)[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lethe-templates-"));
  prepareFolder(folder);
  writeFileSync(join(folder, "word"), ODD, { mode: 0o400 });
  writeFileSync(join(folder, "pass"), PLAIN, { mode: 0o400 });
});
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Another user is what database servers want to be. */
const isRoot = process.getuid?.() === 0;
const noRoot = isRoot ? "" : "NOT RUN, servers are started by root here: ";

describe("psql by a template", () => {
  const [skip, why] = needs("psql", join(POSTGRES, "initdb"), "setpriv");
  it.skipIf(skip || !isRoot)(`${why}${noRoot}is let in with a password to escape`, async () => {
    const server = await startPostgres(join(folder, "postgres"), ODD);
    cleanups.push(server.stop);
    const here = [
      ["host=localhost", `host=${server.place}`],
      ["dbname=app", "dbname=postgres"],
    ] as const;
    const said = runDocumented(folder, "psql by a template", here, '-A -t -c "select 40 + 2"');
    expect(said).toEqual({ status: 0, stdout: "42\n", stderr: "" });
    const plain = [...here, ["--template pass=pgpass", "--as file"]] as const;
    expect(runDocumented(folder, "psql by a template", plain, "-c ''").status).not.toBe(0);
  });
});

describe("mysql by a template", () => {
  const [skip, why] = needs("mysql", ...MARIADB);
  it.skipIf(skip || !isRoot)(`${why}${noRoot}is let in with a password to escape`, async () => {
    const server = await startMariadb(join(folder, "mysql"), ODD);
    cleanups.push(server.stop);
    const more = `--socket=${join(server.place, "socket")} -N -e "select 40 + 2"`;
    const said = runDocumented(folder, "mysql by a template", [], more);
    expect(said).toEqual({ status: 0, stdout: "42\n", stderr: "" });
  });
});

/** What a program reads of each password that is written in a format, beside the password. */
function readBack(
  format: string,
  passwords: readonly Buffer[],
  read: (path: string) => Buffer,
): readonly (readonly [read: string, written: string])[] {
  const secrets = openSecrets();
  const path = join(folder, "rendered");
  return passwords.map((password) => {
    const text = render(secrets, templateOf(format), secrets.adopt(password), "pass");
    text.expose((bytes) => writeFileSync(path, bytes, { mode: 0o600 }));
    text.destroy();
    return [read(path).toString("latin1"), password.toString("latin1")];
  });
}

describe("each byte that a format can have", () => {
  const bytes = Array.from({ length: 255 }, (_, index) => index + 1);

  const [noMysql, whyNoMysql] = needs("my_print_defaults");
  it.skipIf(noMysql)(`${whyNoMysql}is read by the programs of MySQL as it was`, () => {
    const passwords = bytes.map((byte) => Buffer.from([byte, 34, 92, byte, 35, 92, byte]));
    const read = (path: string): Buffer => {
      const words = [`--defaults-file=${path}`, "client"];
      return spawnSync("my_print_defaults", words).stdout.subarray("--password=".length, -1);
    };
    const pairs = readBack("mysql", passwords, read);
    expect(pairs.length).toBe(255);
    expect(pairs.filter(([said, written]) => said !== written)).toEqual([]);
  });

  const [noPython, whyNoPython] = needs("python3");
  it.skipIf(noPython)(`${whyNoPython}is read from .netrc by Python as it was`, () => {
    const allowed = bytes.filter((byte) => byte > 32 && byte < 127 && byte !== 34 && byte !== 92);
    // A start of Python takes long: all of them are in each password.
    const passwords = [allowed.slice(1), allowed.toReversed(), [39, 97, 39]].map((one) =>
      Buffer.from(one.filter((byte, at) => at > 0 || byte !== 35)),
    );
    const program =
      "import netrc, sys; print(netrc.netrc(sys.argv[1]).authenticators('host')[2], end='')";
    const read = (path: string): Buffer => spawnSync("python3", ["-c", program, path]).stdout;
    const pairs = readBack("netrc:host:me", passwords, read);
    expect(pairs.length).toBe(3);
    expect(pairs.filter(([said, written]) => said !== written)).toEqual([]);
  });
});

describe("curl by a template", () => {
  const [skip, why] = needs("curl");
  it.skipIf(skip)(`${why}sends the password of its .netrc`, async () => {
    const { port, seen, stop } = await startGreeter();
    cleanups.push(stop);
    // This process is the server, and cannot wait for the client.
    const line = lineOf("curl by a template", [
      ["netrc:example.org", "netrc:127.0.0.1"],
      ["https://example.org/", `http://127.0.0.1:${port}/`],
    ]);
    const options = { cwd: folder, env: environmentOf(folder) };
    const client = spawn("bash", ["-c", `${line} --silent`], options);
    const status = await new Promise((resolve) => client.once("close", resolve));
    const basic = Buffer.from(`app:${PLAIN}`).toString("base64");
    expect([status, seen]).toEqual([0, [`Basic ${basic}`]]);
  });
});

describe("openssl", () => {
  const [skip, why] = needs("openssl");
  it.skipIf(skip)(`${why}opens a sealed file of memory as often as it likes`, () => {
    const lines = [
      "lethe run --as memfd --key pass@3=./pass -- sh -c 'openssl enc -aes-256-cbc -pbkdf2",
      "-pass file:/dev/fd/3 -in ./word | openssl enc -d -aes-256-cbc -pbkdf2 -pass file:/dev/fd/3'",
    ];
    const said = runDocumented(folder, "openssl", [[lineOf("openssl", []), lines.join(" ")]], "");
    expect(said).toEqual({ status: 0, stdout: ODD, stderr: "" });
  });
});
