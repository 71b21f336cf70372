/** Programs that stand in the place of systemd-creds and do something else. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { useSystemdCreds } from "../../adapters/node/systemd_creds.ts";
import { LetheError, type SecretBuffer } from "../../core/mod.ts";
import { CredsStage } from "../../testing/features/systemd_creds/stage.ts";
import { systemdCredsOver } from "./mod.ts";

const stage = new CredsStage();
const { secrets, use, land, expectFailure } = stage;
afterEach(() => expect(secrets.stats.live).toBe(0));
afterAll(() => stage.remove());

/** Of a file key for `backup`, under the host's key. */
const STANZA = {
  args: ["lethe/systemd-creds", "host", "backup"],
  body: new Uint8Array(112).fill(7),
} as const;
STANZA.body.set(Buffer.from("5a1c6a86df9d4096b1d5a65e0862f19a", "hex"));

async function wrap(program: string, timeout: number = 10_000): Promise<unknown> {
  const fileKey: SecretBuffer = secrets.random(16);
  try {
    return await use(program, { timeout }).wrap(fileKey);
  } finally {
    fileKey.destroy();
  }
}

const unwrap = (program: string, timeout: number = 10_000): Promise<unknown> =>
  Promise.resolve(use(program, { timeout }).unwrap([STANZA], land));

/** Not one that has ended and that nobody has waited for. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

describe.skipIf(process.platform !== "linux")("a program", { timeout: 60_000 }, () => {
  it.each([
    ["fails", "cat >/dev/null; exit 7", /it ended with status 7.*by hand/],
    ["is killed", "kill -9 $$", /signal SIGKILL ended it/],
    ["reads nothing and fails", "exec <&-; sleep 0.1; exit 3", /status 3/],
    ["prints a key and fails", "cat >/dev/null; printf 0123456789abcdef; exit 1", /status 1/],
    ["hangs", "exec sleep 60", /did not end in time/],
    ["closes its output and hangs", "exec >&-; exec sleep 60", /did not end in time/],
    ["leaves its output to another", "cat >/dev/null; sleep 60 & exit 0", /did not end in time/],
    ["prints without end", "exec cat /dev/zero", /prints more than it should/],
  ])("that %s is an error in time", async (name, script, said) => {
    const program = stage.program(name.replaceAll(" ", "-"), script);
    const timeout = said.source.includes("in time") ? 400 : 20_000;
    const start = performance.now();
    await expectFailure(() => wrap(program, timeout), said);
    await expectFailure(() => unwrap(program, timeout), said);
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  it("is gone when it hung, with what it started", async () => {
    const trace = join(stage.folder, "numbers");
    const program = stage.program(
      "forking",
      `sleep 61 & echo $! >> '${trace}'; echo $$ >> '${trace}'; exec sleep 62`,
    );
    await expectFailure(() => wrap(program, 1200), /in time/);
    await expectFailure(() => unwrap(program, 1200), /in time/);
    const numbers = readFileSync(trace, "utf8").trim().split("\n").map(Number);
    expect(numbers.length).toBeGreaterThan(1);
    await expect.poll(() => numbers.filter(isRunning), { timeout: 10_000 }).toEqual([]);
  });

  it.each([
    ["nothing", ":"],
    ["a byte less", "printf 0123456789abcde"],
    ["a newline after it", "printf '0123456789abcdef\\n'"],
    ["more", "head -c 64 /dev/zero"],
  ])("that gives as a file key %s gives none", async (name, script) => {
    const program = stage.program(`key-${name.replaceAll(" ", "-")}`, `cat >/dev/null\n${script}`);
    await expectFailure(() => unwrap(program), /file key of \d+ bytes|prints more than it should/);
  });

  const head = "Whxqht+dQJax1aZeCGLxmiAAAAABAAAADAAAABAAAAA";
  it.each([
    ["nothing", "cat >/dev/null"],
    ["the file key", "cat"],
    ["the file key in base64", "base64"],
    [
      "a file key where a credential has its text",
      `(printf %s ${head} | base64 -d 2>/dev/null; head -c 48 /dev/zero; cat; printf 16-more-bytes-at) | base64`,
    ],
    ["what is no base64", "cat >/dev/null; echo '*************'"],
    [
      "a credential of another length",
      `cat >/dev/null; (printf %s ${head} | base64 -d 2>/dev/null; head -c 81 /dev/zero) | base64`,
    ],
    [
      "one of a TPM",
      "cat >/dev/null; (printf '\\014\\174\\300\\173\\021\\166\\105\\221\\234\\113\\013\\352\\010\\274\\040\\376'; head -c 96 /dev/zero) | base64",
    ],
  ])("that gives as a credential %s is refused", async (name, script) => {
    const program = stage.program(`creds-${name.replaceAll(" ", "-")}`, script);
    await expectFailure(() => wrap(program), /is not a credential of the key host/);
  });

  it("gets its words, nothing of the environment but the usual, and no error output", async () => {
    process.env["LETHE_TEST_LEAK"] = "leaked";
    const trace = join(stage.folder, "trace");
    const program = stage.program(
      "tracing",
      `echo "$@" >> '${trace}'; env >> '${trace}'; pwd >> '${trace}'; exit 1`,
    );
    await expectFailure(() => wrap(program), /--with-key=host --name=backup - -/);
    await expectFailure(() => unwrap(program), /decrypt --name=backup - -/);
    const more = { key: "tpm2", tpm2Device: "swtpm:port=1", tpm2Pcrs: [0, 7] } as const;
    const fileKey = secrets.random(16);
    await expectFailure(() => use(program, more).wrap(fileKey), /status 1/);
    fileKey.destroy();
    delete process.env["LETHE_TEST_LEAK"];
    const said = readFileSync(trace, "utf8");
    expect(said).toMatch(/^encrypt --with-key=host --name=backup - -$/m);
    expect(said).toMatch(/^decrypt --name=backup - -$/m);
    expect(said).toMatch(
      /^encrypt --with-key=tpm2 --tpm2-pcrs=0\+7 --tpm2-device=swtpm:port=1 --name=backup - -$/m,
    );
    expect(said).toMatch(/^PATH=\/usr\/bin:\/bin:\/usr\/sbin:\/sbin$/m);
    expect(said).toMatch(/^\/$/m);
    expect(said).not.toMatch(/LEAK/);
  });

  it("is started for eight stanzas of one envelope, and no more, within one time", async () => {
    const trace = join(stage.folder, "count");
    const program = stage.program("counting", `echo once >> '${trace}'; exit 1`);
    const stanzas = Array.from({ length: 20 }, () => STANZA);
    await expectFailure(() => use(program).unwrap(stanzas, land), /status 1/);
    expect(readFileSync(trace, "utf8").match(/once/g)).toHaveLength(8);
    const slow = stage.program("slow", "exec sleep 60");
    const start = performance.now();
    await expectFailure(() => use(slow, { timeout: 300 }).unwrap(stanzas, land), /in time/);
    expect(performance.now() - start).toBeLessThan(5000);
  });

  it("is not asked about stanzas of other types, keys and names, nor about malformed ones", async () => {
    const key = use(stage.program("never", "exit 9"));
    const others = [
      { ...STANZA, args: ["X25519", "host", "backup"] as const },
      { ...STANZA, args: ["lethe/systemd-creds", "tpm2", "backup"] as const },
      { ...STANZA, args: ["lethe/systemd-creds", "host", "archive"] as const },
    ];
    expect(await key.unwrap(others, land)).toBe(null);
    for (const args of [
      ["lethe/systemd-creds"],
      ["lethe/systemd-creds", "host"],
      ["lethe/systemd-creds", "host", "backup", "more"],
      ["lethe/systemd-creds", "null", "backup"],
      ["lethe/systemd-creds", "host", "a/b"],
    ]) {
      const malformed = [{ ...STANZA, args: args as never }];
      await expectFailure(() => key.unwrap(malformed, land), /form/, "ERR_LETHE_ENVELOPE_FORMAT");
    }
  });

  it("is started by no path that others could change, nor by a relative one", async () => {
    const options = { name: "backup", key: "host" } as const;
    const make = (program: string) => () => useSystemdCreds(secrets, { ...options, program });
    expect(make("systemd-creds")).toThrow(TypeError);
    expect(make(join(stage.folder, "none"))).toThrow(/there is no such program/);
    const open = join(stage.folder, "open");
    mkdirSync(open);
    writeFileSync(join(open, "systemd-creds"), "#!/bin/sh\n", { mode: 0o755 });
    chmodSync(open, 0o777);
    expect(make(join(open, "systemd-creds"))).toThrow(/can write to .*; give the path/);
    const gone = join(stage.folder, "gone");
    writeFileSync(gone, "#!/there/is/none\n", { mode: 0o755 });
    await expectFailure(() => wrap(gone), /did not start \(ENOENT\)/);
  });

  it("without pipes says why, and a purge in the middle is none of its failures", async () => {
    const unusable = systemdCredsOver(() => {
      throw new LetheError("ERR_LETHE_UNAVAILABLE", "Cannot open guarded memory: it needs that");
    });
    const program = stage.program("sleeping", "exec sleep 60");
    const key = unusable(secrets, { name: "backup", key: "host", program });
    await expectFailure(
      () => key.unwrap([STANZA], land),
      /^Cannot use systemd-creds: it needs that$/,
    );
    const opening = use(program).unwrap([STANZA], land);
    setTimeout(() => secrets.purge(), 100);
    await expect(opening).rejects.toMatchObject({ code: "ERR_LETHE_DESTROYED" });
  });

  it("is no misuse of secrets that are purged meanwhile: nothing crashes", () => {
    const program = stage.program("sleeping", "exec sleep 60");
    const probe = new URL("../../testing/features/systemd_creds/purge_probe.ts", import.meta.url);
    const words = ["--no-warnings", probe.pathname, program];
    const { stdout, status } = spawnSync(process.execPath, words, { encoding: "utf8" });
    expect([stdout, status]).toEqual(["ERR_LETHE_DESTROYED\n", 0]);
  });
});
