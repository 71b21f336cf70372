import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CLI_RUNTIMES, lethe, type Outcome, outcomeOf } from "../testing/cli/lethe.ts";
import { SOAK } from "../testing/features/prompt/pty.ts";

const mounts = spawnSync("unshare", ["-m", "true"]).status === 0;
const why = mounts ? "" : "NOT RUN, unshare -m is not allowed here: ";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync("/var/tmp/lethe-machine-");
  writeFileSync(join(folder, "key"), "0123456789abcdef", { mode: 0o400 });
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs lethe after `mount` has changed what it sees. */
function run(mount: string, runtime: string, ...words: readonly string[]): Outcome {
  const script = `${mount}; exec "$@"`;
  return outcomeOf(
    ["unshare", "-m", "bash", "-c", script, "bash", "setsid", "-w", ...lethe(runtime, ...words)],
    { cwd: folder, input: "typed\n", timeout: 240_000 },
  );
}

const NO_PROC = "mount -t tmpfs none /proc";
const READ = ["--", "bash", "-c", "cat <&3; exit 5"];
const read = (stdout: string): object => ({ status: 5, stdout, stderr: "" });
const refused = (words: RegExp): object => ({
  status: 2,
  stdout: "",
  stderr: expect.stringMatching(words),
});

/** Deno and Bun do not start without /proc, whatever they are to run. */
const WITHOUT_PROC = CLI_RUNTIMES.filter((name) => name.startsWith("node"));

describe.skipIf(!mounts || !SOAK)(`${why}on a machine`, () => {
  it.each(WITHOUT_PROC)("without /proc lethe on %s does what it can, and says what not", (name) => {
    const key = ["run", "--key", "key"];
    expect(run(NO_PROC, name, ...key, ...READ)).toEqual(read("0123456789abcdef"));
    expect(run(NO_PROC, name, ...key, "--as", "file", ...READ)).toEqual(
      refused(/^lethe run: --as file needs a tmpfs at \/dev\/shm and \/proc: ENOENT\n$/),
    );
    expect(run(NO_PROC, name, "scan", "1").status).toBe(2);
    expect(run(NO_PROC, name, "key", "inspect", "key").status).toBe(0);
  });

  it("without /proc lethe doctor and residue say that nothing was looked into", () => {
    const doctor = run(NO_PROC, "node-24", "doctor");
    expect(doctor.status).toBe(1);
    expect(doctor.stdout).toContain("nothing was inspected from outside: there is no /proc");
    expect(doctor.stdout).not.toContain("Every claim held");
    const residue = run(NO_PROC, "node-24", "residue");
    expect(residue.status).toBe(1);
    expect(residue.stdout).toContain("there is no /proc to read another process by");
  });

  it.each(CLI_RUNTIMES)("whose folders are read-only lethe run on %s works", (name) => {
    const readOnly = "mount --bind /tmp /tmp; mount -o remount,ro,bind /tmp";
    for (const form of ["socket", "file"]) {
      const words = ["run", "--as", form, "--key", "key", "--prompt", "two", ...READ];
      expect(run(readOnly, name, ...words)).toEqual(read("0123456789abcdef"));
    }
  });

  it.each([
    ["that is read-only", "mount -t tmpfs -o ro none /dev/shm", /: EROFS\n$/],
    ["that is full", "mount -t tmpfs -o nr_inodes=1 none /dev/shm", /: ENOSPC\n$/],
    ["that is too small", "mount -t tmpfs -o size=4k none /dev/shm", /: ENOSPC\n$/],
    ["that is on a disk", "mount --bind /var/tmp /dev/shm", /what is there is on a disk\n$/],
    ["that is not there", "mount -t tmpfs none /dev", /: ENOENT\n$/],
  ])("with a /dev/shm %s lethe run refuses before anybody types", (_, mount, words) => {
    const parameters = ["run", "--as", "file", "--prompt", "one", ...READ];
    expect(run(mount, "node-24", ...parameters)).toEqual(refused(words));
  });
});
