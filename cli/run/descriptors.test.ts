import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  CLI_RUNTIMES,
  lethe,
  type Outcome,
  outcomeOf,
  plainEnvironment,
} from "../../testing/cli/lethe.ts";
import { INSTALLED, SOAK } from "../../testing/features/prompt/pty.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lethe-run-test-"));
  writeFileSync(join(folder, "key"), "the key", { mode: 0o400 });
  writeFileSync(join(folder, "other"), "another file");
});
afterAll(() => rmSync(folder, { recursive: true }));

const hasPerl = spawnSync("perl", ["-e", "1"]).status === 0;
const noPerl = hasPerl ? "" : "NOT RUN, perl(1) is not installed: ";

/** What a shell opens before it becomes lethe, and the options of `lethe run`. */
function run(
  runtime: string,
  redirections: string,
  options: readonly string[],
  command: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Outcome {
  const words = lethe(runtime, "run", ...options, "--", ...command);
  // What the test runner left open would count as the caller's.
  const clean = "for n in $(ls /proc/self/fd); do test $n -gt 2 && eval exec $n'>&-'; done";
  return outcomeOf(["bash", "-c", `${clean}; ${redirections} exec "$@"`, "bash", ...words], {
    cwd: folder,
    env: plainEnvironment(environment),
  });
}

/** Prints what is open from 3 on: its number and what it is, a line each. */
const LIST = ["sh", "-c", `ls -l /proc/self/fd | sed -nE '/fd$/d;s#.* ([0-9]+) -> (.*/)?#\\1 #p'`];

/** Of those lines, without the number of a socket or a pipe. */
function listed({ stdout }: Outcome): readonly string[] {
  return stdout
    .trim()
    .split("\n")
    .filter((line) => !/^[012] /.test(line))
    .map((line) => line.replace(/:\[\d+\]/, ""));
}

describe.skipIf(process.platform !== "linux").each(CLI_RUNTIMES)("on %s, lethe run", (runtime) => {
  it("hands on what it was started with, under the same numbers, and takes others for secrets", () => {
    const opened = "exec 3<other 5</dev/null 6< <(echo from a pipe) 9<. 14<other 40<other;";
    expect(listed(run(runtime, opened, ["--key", "key", "--key", "again=key"], LIST))).toEqual([
      ...["14 other", "3 other", "4 socket", "40 other", "5 null", "6 pipe", "7 socket"],
      `9 ${folder.replace(/.*\//, "")}`,
    ]);
    const read = "cat <&3; cat <&6; cat <&$LETHE_FD_KEY; cat <&14; echo; cat <&40; ls /dev/fd/9";
    const { stdout, status } = run(runtime, opened, ["--key", "key"], ["bash", "-c", read]);
    expect([status, stdout]).toEqual([
      0,
      "another filefrom a pipe\nthe keyanother file\nanother filekey\nother\n",
    ]);
  });

  it.skipIf(!SOAK)("hands nothing on where nothing was", () => {
    expect(listed(run(runtime, "", ["--key", "key"], LIST))).toEqual(["3 socket"]);
    expect(listed(run(runtime, "", ["--as", "file", "--key", "key@7=key"], LIST))).toEqual([
      expect.stringMatching(/^7 #\d+ \(deleted\)$/),
    ]);
  });

  it.skipIf(!SOAK)("keeps a number that was asked for, and refuses one that the caller has", () => {
    const options = ["--key", "b@3=key", "--key", "a=key", "--key", "c@9=key"];
    const told = ["sh", "-c", 'echo "$LETHE_FD_A $LETHE_FD_B $LETHE_FD_C"; cat <&9'];
    expect(run(runtime, "", options, told).stdout).toBe("4 3 9\nthe key");
    const refused = run(runtime, "exec 9</dev/null;", options, ["echo", "started"]);
    expect(refused).toMatchObject({ status: 2, stdout: "" });
    expect(refused.stderr).toMatch(/^lethe run: c cannot have the descriptor 9: .*\n$/);
  });

  it.skipIf(!SOAK)("does not take the runtime's own descriptors for a passphrase", () => {
    for (const number of ["3", "5", "12"]) {
      const options = ["--key", "key", "--passphrase-fd", number];
      const { status, stderr } = run(runtime, "", options, ["true"]);
      expect([status, stderr]).toEqual([
        2,
        `lethe run: --passphrase-fd ${number} is not open; open it with ${number}<FILE\n`,
      ]);
    }
  });

  it.skipIf(!hasPerl || !SOAK)(
    `${noPerl}hands on a pipe of which both ends are the caller's`,
    () => {
      const jobserver = `$^F = 255; pipe(R, W); syswrite(W, "tokens"); exec @ARGV`;
      const read = ["sh", "-c", 'head -c 6 <&$1; echo " $1 $2"', "sh"];
      const [file = "", ...words] = lethe(
        runtime,
        "run",
        "--key",
        join(folder, "key"),
        "--",
        ...read,
      );
      const start = `${jobserver}, fileno(R), fileno(W)`;
      const { stdout } = outcomeOf(["perl", "-e", start, file, ...words]);
      expect(stdout).toMatch(/^tokens \d+ \d+\n$/);
    },
  );
});

it.skipIf(process.platform !== "linux" || !INSTALLED.includes("bun"))(
  "lethe run hands on nothing of Bun's compile cache",
  () => {
    const environment = { NODE_COMPILE_CACHE: join(folder, ".cache") };
    for (const _ of ["made", "read"]) {
      expect(listed(run("bun", "", ["--key", "key"], LIST, environment))).toEqual(["3 socket"]);
    }
  },
);

describe.skipIf(process.platform !== "linux")("sockets of a service manager", () => {
  const runtime = "node-24";
  const told = [
    "sh",
    "-c",
    'echo "$LISTEN_FDS $LISTEN_FDNAMES $((LISTEN_PID - $$)) $((WATCHDOG_PID - $$)) $LISTEN_PIDFDID $LETHE_FD_KEY"; cat <&3',
  ];
  const activated = (environment: string, redirections: string): Outcome =>
    run(runtime, `export LISTEN_PID=$$ ${environment}; ${redirections}`, ["--key", "key"], told);

  it("stay where they are, and the variables name the command's own process", () => {
    const opened = "exec 3<other 4<other;";
    const variables = "LISTEN_FDS=2 LISTEN_FDNAMES=web:api WATCHDOG_PID=$$ LISTEN_PIDFDID=1";
    const { stdout, stderr } = activated(variables, opened);
    expect([stdout, stderr]).toEqual(["2 web:api 0 0  5\nanother file", ""]);
  });

  it
    .skipIf(!SOAK)
    .each(["LISTEN_FDS=2", "LISTEN_FDS=1000000", "LISTEN_FDS=x", "LISTEN_FDS=-1", "LISTEN_FDS="])(
    "that are not all there leave no variable behind which the key would lie: %s",
    (variables) => {
      const there = ["sh", "-c", 'env | grep LISTEN_; echo "$LETHE_FD_KEY"'];
      const exported = `export LISTEN_PID=$$ ${variables};`;
      expect(run(runtime, exported, ["--key", "key"], there).stdout).toBe("3\n");
    },
  );

  it.skipIf(!SOAK)("that were meant for another process stay what they were", () => {
    const there = ["sh", "-c", 'echo "$LISTEN_FDS $LISTEN_PID $LETHE_FD_KEY"'];
    const exported = "exec 3<other; export LISTEN_PID=1 LISTEN_FDS=1;";
    expect(run(runtime, exported, ["--key", "key"], there).stdout).toBe("1 1 4\n");
  });
});
