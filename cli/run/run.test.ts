import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  copyFileSync,
  fstatSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSecrets } from "../../memories/heap/mod.ts";
import { atHand } from "../../testing/built.ts";
import { SOAK } from "../../testing/tier.ts";
import { Given } from "../command_line/given.ts";
import { readCommandLine } from "../command_line/read_command_line.ts";
import { OPTIONS } from "./help.ts";
import { listenFor } from "./job.ts";
import { type RunParameters, readParameters } from "./parameters.ts";
import { launch } from "./start.ts";

function read(parameters: readonly string[]): RunParameters {
  const given = readCommandLine({ options: OPTIONS, startsProgram: true }, parameters);
  if (given instanceof Given) return readParameters(given);
  throw new Error("not parameters");
}

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lethe-run-test-"));
  writeFileSync(join(folder, "api-key"), "0123456789abcdef", { mode: 0o400 });
  writeFileSync(join(folder, "token"), "to ken\n", { mode: 0o400 });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Without a terminal, so that a prompt reads standard input. */
function lethe(parameters: readonly string[], input = ""): SpawnSyncReturns<string> {
  const command = [process.execPath, atHand("cli/main.ts"), "run", ...parameters];
  const { NODE_OPTIONS: _, ...env } = process.env;
  return spawnSync("setsid", ["-w", ...command], { input, encoding: "utf8", env, timeout: 60_000 });
}

describe.skipIf(process.platform !== "linux")("lethe run", () => {
  it("hands secrets over on descriptors, and nowhere else", () => {
    const key = join(folder, "api-key");
    const script = `
      cat <&3; echo; cat <&4; echo; cat <&5; echo; echo "$LETHE_FD_PASSWORD $LETHE_FD_API_KEY"
      cat /proc/$$/environ /proc/$$/cmdline | tr '\\0' '\\n' | grep -c -e hunter -e 0123456789a
      exit 5`;
    const { status, stdout, stderr } = lethe(
      [
        ...["--prompt", "password", "--key", key, "--token", join(folder, "token")],
        ...["--", "sh", "-c", script],
      ],
      "hunter two hunter\nthe command's own input\n",
    );
    // The one match is the script itself, whose text has what is looked for.
    expect([stdout, stderr]).toEqual(["hunter two hunter\n0123456789abcdef\nto ken\n3 4\n1\n", ""]);
    expect(status).toBe(5);
  });

  it("gives the status of a signal, of a command that is not there, and of wrong usage", () => {
    const key = ["--key", `key=${join(folder, "api-key")}`];
    expect(lethe([...key, "--", "sh", "-c", "kill -TERM $$"]).status).toBe(143);
    expect(lethe([...key, "--", join(folder, "nothing")])).toMatchObject({
      status: 127,
      stderr: expect.stringMatching(/nothing: there is no such program; .*PATH \(ENOENT\)\n$/),
    });
    expect(lethe(["--key", join(folder, "none"), "--", "true"])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("there is none"),
    });
  });

  it("gives 126 for a command that the system refuses at once", () => {
    const busy = join(folder, "busy");
    copyFileSync("/bin/true", busy);
    chmodSync(busy, 0o700);
    const writer = openSync(busy, "r+");
    const key = ["--key", `key=${join(folder, "api-key")}`];
    expect(lethe([...key, "--", busy])).toMatchObject({
      status: 126,
      stderr: expect.stringMatching(
        /busy: another process has it open for writing; .*\(ETXTBSY\)\n$/,
      ),
    });
    closeSync(writer);
  });

  it.each([
    ["refused at once, as E2BIG", "/bin/true", "x".repeat(2 ** 18), 126],
    ["refused by an event, as ENOENT", "/there/is/none", "x", 127],
  ])("leaves no secret of a command that was %s", async (_how, file, parameter, status) => {
    const secrets = openSecrets();
    const reader = openSync("/dev/null", "r");
    const job = listenFor();
    const common = { title: "lethe run", environment: {}, callers: [] };
    const written = secrets.random(16);
    written.destroy(); // it is in its file
    const parcels = [
      { number: 3, secret: secrets.random(16), file: null },
      { number: 4, secret: written, file: { reader, writer: -1 } },
    ];
    const { ended } = launch({ ...common, file, parameters: [parameter], parcels }, job);
    expect(await ended).toBe(status);
    job.end();
    expect(secrets.stats.live).toBe(0);
    expect(() => fstatSync(reader)).toThrow("EBADF");
  });

  it.skipIf(!SOAK)("says of a command why it cannot be started", () => {
    const key = ["--key", `key=${join(folder, "api-key")}`];
    expect(lethe([...key, "--", join(folder, "api-key")])).toMatchObject({
      status: 126,
      stderr: expect.stringMatching(/: it is not a file that this user may execute \(EACCES\)\n$/),
    });
    writeFileSync(join(folder, "script"), "#!/no/interpreter\n", { mode: 0o700 });
    expect(lethe([...key, "--", join(folder, "script")])).toMatchObject({
      status: 127,
      stderr: expect.stringMatching(/: the interpreter .* is not there \(ENOENT\)\n$/),
    });
    expect(lethe(["--help"])).toMatchObject({ status: 0, stderr: "" });
  });
});

describe("the parameters of lethe run", () => {
  it("are read in order, with a name for each key file", () => {
    expect(
      read(["--prompt", "a", "--key", "/k/my-key.bin", "--key", "b=/x", "--", "cmd", "-x"]),
    ).toEqual({
      wanted: [
        { name: "a", keyFile: null, isToken: false, descriptor: null },
        { name: "my_key_bin", keyFile: "/k/my-key.bin", isToken: false, descriptor: null },
        { name: "b", keyFile: "/x", isToken: false, descriptor: null },
      ],
      form: "socket",
      passphrases: undefined,
      sealed: false,
      trust: "strict",
      asIs: false,
      command: ["cmd", "-x"],
      templates: new Map(),
      restarting: null,
    });
    expect(
      read(["--as=file", "--token", "b@7=/x", "--passphrase-fd", "9", "--prompt=c@3", "--", "cmd"]),
    ).toMatchObject({
      wanted: [
        { name: "b", keyFile: "/x", isToken: true, descriptor: 7 },
        { name: "c", keyFile: null, isToken: false, descriptor: 3 },
      ],
      form: "file",
      passphrases: 9,
      sealed: true,
    });
  });

  it.each([
    [["--prompt", "a"], "-- and a command"],
    [["--prompt", "a", "--"], "behind --"],
    [["--", "cmd"], "at least one"],
    [["--prompt", "a b", "--", "cmd"], "is not a valid name"],
    [["--prompt", "1a", "--", "cmd"], "is not a valid name"],
    [["--password", "a", "--", "cmd"], "no option --password"],
    [["--prompt", "--", "cmd"], "needs a value"],
    [["--prompt", "a", "--prompt", "A", "--", "cmd"], "the variable LETHE_FD_A"],
    [["--prompt", "a@4", "--prompt", "b@4", "--", "cmd"], "the descriptor 4"],
    [["--prompt", "a@2", "--", "cmd"], "from 3 to 255"],
    [["--key", "a@256=/x", "--", "cmd"], "from 3 to 255"],
    [["--prompt", "a", "--as", "pipe", "--", "cmd"], "socket, file or memfd"],
    [["--prompt", "a", "--restart-on-change", "--", "cmd"], "can be read again"],
    [["--from", "a=env:A", "--restart-on-change", "--", "cmd"], "can be read again"],
    [["--from", "a=file:/dev/fd/9", "--restart-on-change", "--", "cmd"], "can be read again"],
    [["--from", "a=file:/x", "--poll", "9", "--", "cmd"], "--poll goes with"],
    [["--from", "a=file:/x", "--restart-on-change", "--grace", "0", "--", "cmd"], "from 1 to"],
    [["--prompt", "a", "--template", "b=pgpass", "--", "cmd"], "the NAME of a secret"],
    [["--prompt", "a", "--template", "a=cnf", "--", "cmd"], "--template takes"],
    [["--prompt", "a", "word", "--", "cmd"], "options alone"],
  ])("%j is wrong usage", (parameters, said) => {
    expect(() => read(parameters)).toThrow(said);
  });
});
