import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSecrets } from "../../../adapters/node/mod.ts";
import { runtime } from "../../../adapters/node/runtime.ts";
import { type CustodianOptions, custodianOpener } from "../mod.ts";

const secrets = openSecrets();
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lethe-start-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The error of a start with that program in a runtime's place. */
async function failure(
  file: string,
  parameters: readonly string[] = [],
  options: CustodianOptions = {},
): Promise<{ readonly code: string; readonly message: string }> {
  const open = custodianOpener({ runtime, way: { file, parameters } });
  const before = secrets.stats.live;
  const error = await open({ secrets, startMilliseconds: 20_000, ...options }).then(
    () => Promise.reject(new Error("it started")),
    (refusal) => refusal,
  );
  expect(secrets.stats.live).toBe(before);
  return error;
}

const shell = (script: string, options?: CustodianOptions): ReturnType<typeof failure> =>
  failure("/bin/sh", ["-c", script], options);

describe.skipIf(process.platform === "win32")("a start that fails says how", () => {
  it.each([
    ["a file that is not there", "/nonexistent/node", "ENOENT"],
    ["a folder", "/etc", "EACCES"],
    ["a file that is not a program", "/etc/passwd", "EACCES"],
  ])("%s: it could not be executed, with the code", async (_, file, code) => {
    expect(await failure(file)).toMatchObject({
      code: "ERR_LETHE_CUSTODIAN",
      message: expect.stringMatching(
        new RegExp(`${file} could not be executed \\(${code}\\)($|; it must)`),
      ),
    });
  });

  it("a program whose interpreter is not there, or that is not a program at all", async () => {
    const file = join(folder, "script");
    writeFileSync(file, "#!/nonexistent/interpreter\n");
    chmodSync(file, 0o755);
    expect((await failure(file)).message).toContain(
      "could not be executed (ENOENT); it is there, and the interpreter or loader that it names is not",
    );
    writeFileSync(file, "\u0000\u0001\u0002");
    expect((await failure(file)).message).toMatch(/could not be executed \(ENOEXEC\)|ended before/);
  });

  it.each([
    ["exit 0", /ended before it answered \(status 0\) and said nothing$/],
    ["exit 1", /ended before it answered \(status 1\) and said nothing$/],
    ["exit 127", /\(status 127\)/],
    ["exit 70", /\(status 70, a fault of the custodian itself\)/],
    ["kill -9 $$", /\(SIGKILL\) and said nothing$/],
    ["kill -SYS $$", /\(SIGSYS\) and said nothing$/],
    ["kill -SEGV $$", /\(SIGSEGV\)/],
    ["echo first >&2; echo last >&2; exit 3", /\(status 3\) and said: last$/],
    ["echo 'TypeError: no'>&2; echo '  at x'>&2; exit 1", /and said: TypeError: no$/],
    [
      "echo 'EvalError: Code generation from strings disallowed for this context'>&2; exit 1",
      /for this context; its program was bundled as strings for eval.*set devtool to false$/,
    ],
    [
      "echo 'Node.js v24'>&2; echo 'lethe custodian: why'>&2; echo x>&2; exit 70",
      /custodian: why$/,
    ],
    ["printf '\\033[31mred\\007\\n' >&2; exit 1", /and said: \[31mred$/],
    ["head -c 100000 /dev/zero | tr '\\0' x >&2; exit 1", /and said: x{300}…$/],
    // One that outlives it, and holds its standard error open.
    ["sleep 30 & echo gone >&2; exit 4", /\(status 4\) and said: gone$/],
  ])("%s", async (script, said) => {
    const { code, message } = await shell(script);
    expect(code).toBe("ERR_LETHE_CUSTODIAN");
    expect(message).toMatch(/^Cannot start custodian: \/bin\/sh /);
    expect(message).toMatch(said);
  });

  it("a process that does not answer, with the time and what it said", async () => {
    const { code, message } = await shell("echo busy >&2; sleep 30", { startMilliseconds: 300 });
    expect(code).toBe("ERR_LETHE_CUSTODIAN");
    expect(message).toBe(
      "Cannot start custodian: /bin/sh did not answer within 300 ms; it said: busy",
    );
  });

  it("one that answers with something else, and one that closes its channel and goes on", async () => {
    for (const garbage of ["HTTP/1.1 400 Bad Request, with as many bytes", "Lethe c1"]) {
      const { code, message } = await shell(`printf '%.60s' '${garbage.padEnd(60)}' >&3; sleep 30`);
      expect([code, message]).toEqual([
        "ERR_LETHE_CUSTODIAN",
        "Cannot start custodian: /bin/sh answered, but not as a custodian of this version does",
      ]);
    }
    expect((await shell("exec 3>&-; sleep 30")).message).toContain("its channel closed");
  });

  it("a descriptor for input that is not open", async () => {
    const { message } = await failure("/bin/sh", ["-c", "exit 0"], { input: 9999 });
    expect(message).toMatch(/\(EBADF\); the option input has to be the number of an open/);
  });
});

describe.skipIf(process.platform !== "linux")("a start that is given up", () => {
  it("ends everything that it began, in whatever session, under whatever parent", async () => {
    const pids = join(folder, "pids");
    const rest = `echo $$ >> ${pids}; sleep 60; echo survived >> ${pids}`;
    const script = `echo $$ >> ${pids}
      sh -c '${rest}' & setsid sh -c '${rest}' & (setsid sh -c '${rest}' &)
      env -i /bin/sh -c '${rest}' & sleep 60`;
    writeFileSync(pids, "");
    const { message } = await shell(script, { startMilliseconds: 500 });
    expect(message).toContain("did not answer within 500 ms");
    const started = readFileSync(pids, "utf8").trim().split("\n").map(Number);
    expect(started.length).toBe(5);
    await expect.poll(() => started.filter(isAlive)).toEqual([]);
  });
});

/** What was killed may stay as a zombie, where nobody waits for it. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "latin1"));
  } catch {
    return false;
  }
}
